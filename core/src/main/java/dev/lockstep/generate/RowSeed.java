package dev.lockstep.generate;

/**
 * The key of a row's noise: derived from the options' seed and the row's own tokens, so that a row's draws depend
 * neither on its batch nor on its partition. Mixing is that of SplitMix64 (Steele, Lea, Flood 2014). The noise itself
 * is {@link dev.lockstep.backend.CounterNoise}.
 */
final class RowSeed {
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private RowSeed() {}

    /** The seed of a row; equal rows have equal seeds, whatever their place. */
    static long of(long base, int[] tokens) {
        long h = mix(base ^ GOLDEN);
        for (int token : tokens) {
            h = mix(h + GOLDEN * (token + 1L));
        }
        return h;
    }

    /**
     * The seed of one of a row's samples; the first has the row's own seed, so it gives the text of the row with one
     * sample.
     */
    static long ofSample(long rowSeed, int sample) {
        return sample == 0 ? rowSeed : mix(rowSeed + GOLDEN * sample);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }
}
