package dev.lockstep.backend;

/**
 * Counter-based random noise: a pure function of a row's seed, its step and a token. A draw is therefore the same in
 * any batch, on any machine, and on whichever rank holds the token. Seed and step are mixed into two 32-bit keys, as in
 * a SplitMix generator. The token is the counter: two rounds of a 32-bit multiply and xor-shift mixer turn it into 23
 * random bits. All arithmetic is fp32 in a fixed order, so scalar and vector code agree in every bit. All sampling uses
 * it, here and in {@code generate}; the constants are public for vectorised versions of the same code.
 */
public final class CounterNoise {

    /** First multiplier of the mixer. */
    public static final int MIX_1 = 0x7feb352d;
    /** Second multiplier of the mixer. */
    public static final int MIX_2 = 0x846ca68b;
    /** Distance between the counters of neighbouring tokens, before mixing. */
    public static final int STEP = 0x9E3779B9;

    /** log(1 + f) = f - f² / 2 + f³ P(f) for f from sqrt(1/2) - 1 to sqrt(2) - 1: relative error 2e-8. */
    private static final float[] LOG = {
        0.3333333073f, -0.2500030642f, 0.200010451f, -0.1664128144f,
        0.1421449577f, -0.1299818384f, 0.1262232129f, -0.07902745553f
    };

    /** log(2). */
    public static final float LN2 = 0.69314718f;
    /**
     * The bits of sqrt(1/2). Subtracting them leaves the exponent that belongs to a mantissa from sqrt(1/2) to sqrt(2).
     */
    public static final int SQRT_HALF_BITS = 0x3F3504F3;

    private CounterNoise() {}

    /** Coefficient {@code power} of the logarithm's polynomial P, 0 to 7. */
    public static float logCoefficient(int power) {
        return LOG[power];
    }

    /** The key of a row's step. Its upper half keys the first round, its lower half the second. */
    public static long key(long seed, long step) {
        long z = seed + 0x9E3779B97F4A7C15L * (step + 1);
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** 32 random bits of a token. */
    public static int bits(long key, int token) {
        int h = mix(token * STEP + (int) (key >>> 32));
        return mix(h ^ (int) key);
    }

    private static int mix(int value) {
        int h = value ^ (value >>> 16);
        h *= MIX_1;
        h ^= h >>> 15;
        h *= MIX_2;
        return h ^ (h >>> 16);
    }

    /** A uniform number above 0 and below 1; a multiple of 2^-24. */
    public static float uniform(long key, int token) {
        float scaled = Float.intBitsToFloat((bits(key, token) >>> 9) | 0x3F800000);
        return scaled - 1f + 0x1p-24f;
    }

    /** A sample of the standard Gumbel distribution, -log(-log(u)); from -2.8 to 16.7. */
    public static float gumbel(long key, int token) {
        return -log(-log(uniform(key, token)));
    }

    /**
     * A logit divided by the temperature, plus its token's Gumbel noise. The token with the largest result is a draw
     * from the softmax at that temperature.
     *
     * @param key {@link #key} of the row's seed and step
     */
    public static float noisy(float logit, float temperature, long key, int token) {
        return logit * (1f / temperature) + gumbel(key, token);
    }

    /** Natural logarithm of a positive normal number, to 1e-7 relative. */
    public static float log(float x) {
        int bits = Float.floatToRawIntBits(x);
        int exponent = (bits - SQRT_HALF_BITS) >> 23;
        float f = Float.intBitsToFloat(bits - (exponent << 23)) - 1f;
        float p = LOG[7];
        for (int i = 6; i >= 0; i--) {
            p = Math.fma(p, f, LOG[i]);
        }
        float square = f * f;
        p = Math.fma(p, f, -0.5f);
        return Math.fma((float) exponent, LN2, Math.fma(p, square, f));
    }
}
