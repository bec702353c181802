package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;

/**
 * Linear biases as some checkpoints were trained with: slope times key position, both rounded to bf16, times a factor.
 * Rounding makes them differ from a ramp, so the absolute position counts.
 */
public final class RoundedAlibiTerm implements AttentionSpec.ScoreTerm {
    private final float[] slopes;
    private final float factor;

    /** @param slopePerHead of the local query heads, not yet rounded */
    public RoundedAlibiTerm(float[] slopePerHead, float factor) {
        this.slopes = new float[slopePerHead.length];
        for (int head = 0; head < slopes.length; head++) {
            slopes[head] = rounded(slopePerHead[head]);
        }
        this.factor = factor;
    }

    @Override
    public void add(int sequence, int head, int row, int position, float[] scores, int base, int from, int to) {
        float slope = slopes[head];
        for (int key = from; key < to; key++) {
            scores[base + key] += factor * rounded(slope * key);
        }
    }

    /** The term of a key at this position. */
    public float of(int head, int position, int key) {
        return factor * rounded(slopes[head] * key);
    }

    private static float rounded(float value) {
        return Bf16.toFloat(Bf16.fromFloat(value));
    }
}
