package dev.lockstep.backend.cpu.kernel;

/**
 * Tokens by how near their surprise, -log p, is to the entropy of the row's softmax (Meister et al., Locally Typical
 * Sampling, arXiv 2202.00666). Of two equally near ones the more probable goes first. One object for each row.
 */
public final class TypicalOrder implements TokenOrder {
    private float best;
    private double temperature;
    private double logTotal;
    private double entropy;
    private float boundLogit;
    private int boundToken;
    private double minP;

    /**
     * The softmax of a row.
     *
     * @param rowBest its largest logit
     * @param rowLogTotal logarithm of the sum of {@link NucleusScan#weight} over the vocabulary
     * @param rowEntropy in nats
     */
    public void set(float rowBest, double rowTemperature, double rowLogTotal, double rowEntropy) {
        best = rowBest;
        temperature = rowTemperature;
        logTotal = rowLogTotal;
        entropy = rowEntropy;
        within(Float.NEGATIVE_INFINITY, Integer.MAX_VALUE, 0);
    }

    /**
     * Leaves out what {@code topP} and {@code minP} leave out; {@link #set} takes back.
     *
     * @param lastLogit tokens that {@link TokenOrder#BY_LOGIT} puts behind this one join no more
     * @param leastWeight nor do those of less {@link NucleusScan#weight}, but for the best
     */
    public void within(float lastLogit, int lastToken, double leastWeight) {
        boundLogit = lastLogit;
        boundToken = lastToken;
        minP = leastWeight;
    }

    private boolean isLeftOut(float logit, int token) {
        return NucleusScan.before(boundLogit, boundToken, logit, token)
                || minP > 0 && logit != best && NucleusScan.weight(logit, best, temperature) < minP;
    }

    /** A token's surprise beyond the entropy, in nats. */
    public double excess(float logit) {
        double exponent = logit == Float.NEGATIVE_INFINITY ? logit : (logit - best) / temperature;
        return logTotal - exponent - entropy;
    }

    @Override
    public boolean before(float logit, int token, float otherLogit, int otherToken) {
        if (isLeftOut(logit, token)) {
            return false;
        }
        double excess = excess(logit);
        double other = excess(otherLogit);
        double distance = Math.abs(excess);
        double otherDistance = Math.abs(other);
        if (distance != otherDistance) {
            return distance < otherDistance;
        }
        boolean below = excess < 0;
        if (below != other < 0) {
            return below;
        }
        // Both sides are walked outward from the entropy through tokens sorted by logit, then id.
        return below ? token > otherToken : token < otherToken;
    }
}
