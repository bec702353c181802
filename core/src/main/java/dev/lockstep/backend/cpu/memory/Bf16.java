package dev.lockstep.backend.cpu.memory;

/** Converts single values between fp32 and bf16, the upper half of an fp32 value. */
public final class Bf16 {

    private Bf16() {}

    /** Rounds to nearest, ties to even. */
    public static short fromFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    /** Widens exactly. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
