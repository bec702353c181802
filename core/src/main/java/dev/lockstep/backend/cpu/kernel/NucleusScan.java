package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/**
 * Two passes over a row of this rank's part of the logits, used to draw from the row's best tokens without a list of
 * them: one finds the token with the largest noisy logit among those ordered before a given token, the other sums the
 * weight of those before it. One object per worker.
 */
public final class NucleusScan {
    private final NoisyLogits source;

    public NucleusScan() {
        this(VectorSupport.AVAILABLE);
    }

    NucleusScan(boolean vectors) {
        this.source = new NoisyLogits(vectors);
    }

    /** Whether a token is ordered before another. */
    public static boolean before(float logit, int token, float otherLogit, int otherToken) {
        return logit > otherLogit || (logit == otherLogit && token < otherToken);
    }

    /** A token's probability as a fraction of the best token's. */
    public static double weight(float logit, float best, double temperature) {
        return logit == Float.NEGATIVE_INFINITY ? 0 : Math.exp((logit - best) / temperature);
    }

    /**
     * The column of the token with the largest noisy logit (ties: the one that goes first), or -1 where there is none.
     *
     * @param logits plain [rows, width]
     * @param ids the token of each column, ascending
     * @param key {@link CounterNoise#key} of the row's seed and step
     * @param best the largest logit of the row over all ranks
     * @param minP tokens of less {@link #weight} are left out, apart from those that equal the best
     * @param order which tokens go before the bound
     * @param boundLogit only tokens before this logit and {@code boundToken} are drawn
     */
    public int draw(
            Matrix logits,
            int row,
            int width,
            int[] ids,
            long key,
            double temperature,
            float best,
            double minP,
            TokenOrder order,
            float boundLogit,
            int boundToken) {
        int at = logits.at(row, 0);
        float inverse = 1f / (float) temperature;
        float most = Float.NEGATIVE_INFINITY;
        int winner = -1;
        for (int from = 0; from < width; from += NoisyLogits.CHUNK) {
            int n = Math.min(NoisyLogits.CHUNK, width - from);
            float[] noisy = source.chunk(logits, at, from, n, ids, key, inverse);
            for (int i = 0; i < n; i++) {
                if (noisy[i] < most || !(noisy[i] > Float.NEGATIVE_INFINITY)) {
                    continue;
                }
                int column = from + i;
                float logit = logits.slab().get(at + column);
                boolean larger = noisy[i] > most
                        || before(logit, ids[column], logits.slab().get(at + winner), ids[winner]);
                if (larger
                        && order.before(logit, ids[column], boundLogit, boundToken)
                        && (logit == best || weight(logit, best, temperature) >= minP)) {
                    most = noisy[i];
                    winner = column;
                }
            }
        }
        return winner;
    }

    /** The sum of {@link #weight} over this rank's tokens that go before another one. */
    public double ahead(
            Matrix logits,
            int row,
            int width,
            int[] ids,
            double temperature,
            float best,
            TokenOrder order,
            float logit,
            int token) {
        int at = logits.at(row, 0);
        double sum = 0;
        float last = Float.NaN;
        double weight = 0;
        for (int column = 0; column < width; column++) {
            float value = logits.slab().get(at + column);
            if (order.before(value, ids[column], logit, token)) {
                if (value != last) { // equal logits often lie side by side where many are equal
                    last = value;
                    weight = weight(value, best, temperature);
                }
                sum += weight;
            }
        }
        return sum;
    }
}
