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
    }

    /** A token's surprise beyond the entropy, in nats. */
    public double excess(float logit) {
        double exponent = logit == Float.NEGATIVE_INFINITY ? logit : (logit - best) / temperature;
        return logTotal - exponent - entropy;
    }

    @Override
    public boolean before(float logit, int token, float otherLogit, int otherToken) {
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
