package dev.lockstep.backend.cpu.memory;

/**
 * Numbers as 16-bit integers of a scale that a vector shares: 15 bits below its largest magnitude, where bf16 has 8. Not
 * a finite number, a vector's scale is neither: all of it reads as NaN.
 */
public final class Int16 {

    private static final int LARGEST = 32767;

    private Int16() {}

    /** The scale of a vector whose largest magnitude is this; 0 for a vector of zeros. */
    public static float scale(float largest) {
        return largest / LARGEST;
    }

    /** The nearest integer of this scale; times the scale it is the value again. */
    public static short of(float value, float scale) {
        double steps = Math.rint(value / scale); // NaN, of a zero or of what is not finite, becomes 0
        return (short) Math.max(-LARGEST, Math.min(LARGEST, steps));
    }
}
