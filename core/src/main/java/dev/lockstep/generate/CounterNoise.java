package dev.lockstep.generate;

/**
 * Noise without state: a pure function of a row's seed, the index of the generated token and the token. So a row's
 * draws depend neither on its batch nor on its partition, and all ranks, each looking at its part of the vocabulary,
 * see the same noise. Mixing is that of SplitMix64 (Steele, Lea, Flood 2014).
 */
public final class CounterNoise {
    private static final long GOLDEN = 0x9e37_79b9_7f4a_7c15L;

    private CounterNoise() {}

    /** Uniform in the open interval (0, 1). */
    public static double uniform(long seed, int step, int token) {
        return uniform(key(seed, step), token);
    }

    /** Standard Gumbel noise: {@code argmax(logit / temperature + gumbel)} is a draw from the softmax. */
    public static double gumbel(long seed, int step, int token) {
        return gumbel(key(seed, step), token);
    }

    /** What a row's noise at a step is keyed by, for loops over tokens: see {@link #gumbel(long, int)}. */
    public static long key(long seed, int step) {
        return mix(mix(seed + GOLDEN) + GOLDEN * (step + 1L));
    }

    /** {@link #gumbel(long, int, int)} of a {@link #key}. */
    public static double gumbel(long key, int token) {
        return -Math.log(-Math.log(uniform(key, token)));
    }

    /** The seed of a row: of the options' seed and the row's own tokens, so equal rows draw equally wherever they lie. */
    public static long seed(long base, int[] tokens) {
        long h = mix(base ^ GOLDEN);
        for (int token : tokens) {
            h = mix(h + GOLDEN * (token + 1L));
        }
        return h;
    }

    private static double uniform(long key, int token) {
        return ((mix(key + GOLDEN * (token + 1L)) >>> 11) + 0.5) * 0x1p-53;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d0_49bb_1331_11ebL;
        return z ^ (z >>> 31);
    }
}
