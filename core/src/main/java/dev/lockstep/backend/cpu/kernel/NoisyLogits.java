package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.cpu.memory.Matrix;

/**
 * A row's logits divided by a temperature, with the Gumbel noise of their tokens, a chunk at a time. One object per worker.
 */
final class NoisyLogits {
    static final int CHUNK = 1024;

    private final boolean vectors;
    private final float[] values = new float[CHUNK];

    NoisyLogits(boolean vectors) {
        this.vectors = vectors;
    }

    /**
     * Some columns of a row; valid until the next call.
     *
     * @param at where the row begins in the matrix's slab
     * @param from the first column
     * @param count columns, at most {@link #CHUNK}
     * @param ids the token of each column
     * @param key {@link CounterNoise#key} of the row's seed and step
     * @param inverse of the temperature
     */
    float[] chunk(Matrix logits, int at, int from, int count, int[] ids, long key, float inverse) {
        int done = 0;
        if (vectors) {
            done = count / TileMath.GROUP * TileMath.GROUP;
            VectorNoise.perturb(key, inverse, logits.slab().memory(), at + from, ids, from, values, done);
        }
        for (int i = done; i < count; i++) {
            values[i] = logits.slab().get(at + from + i) * inverse + CounterNoise.gumbel(key, ids[from + i]);
        }
        return values;
    }
}
