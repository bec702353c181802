package dev.lockstep.backend.cpu.memory;

/**
 * Numbers as 16-bit integers of a scale that a vector shares: 15 bits below its largest magnitude, where bf16 has 8. Not
 * a finite number, a vector's scale is neither: all of it reads as NaN.
 */
public final class Int16 {

    private static final int LARGEST = 32767;

    /** 3 * 2^22: a float added to it, up to 2^22, is rounded to an integer, which the sum's low bits are. */
    private static final float INTEGERS = 0x1.8p23f;

    private Int16() {}

    /** The scale of a vector whose largest magnitude is this; 0 for a vector of zeros, or of nothing above 4e-34. */
    public static float scale(float largest) {
        float scale = largest / LARGEST;
        return scale < Float.MIN_NORMAL ? 0 : scale;
    }

    /** The nearest integer of this scale, ties to even; times the scale it is the value again. */
    public static short of(float value, float scale) {
        // A quotient of zeros or of what is not finite is not finite: its low bits are 0.
        return (short) Float.floatToRawIntBits(value / scale + INTEGERS);
    }
}
