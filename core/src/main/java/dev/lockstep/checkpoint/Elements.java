package dev.lockstep.checkpoint;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;

/**
 * Converts stored elements to fp32. Two-byte types go through an array, so that the loops are plain array loops of a
 * load, some integer operations and a store.
 */
final class Elements {
    /** All halves as fp32: a look-up takes a third of the time of the arithmetic. Never written after this. */
    private static final float[] HALVES = new float[1 << 16];

    static {
        for (int half = 0; half < HALVES.length; half++) {
            HALVES[half] = half(half);
        }
    }

    private short[] halves = new short[0];

    /** Converts the {@code count} elements at the start of {@code raw}, which is in the file's byte order. */
    void convert(ByteBuffer raw, DType dtype, int count, float[] target) {
        switch (dtype) {
            case F32 -> raw.asFloatBuffer().get(target, 0, count);
            case BF16 -> bfloat16(shorts(raw, count), count, target);
            case F16 -> half(shorts(raw, count), count, target);
            case F64 -> {
                DoubleBuffer values = raw.asDoubleBuffer();
                for (int i = 0; i < count; i++) {
                    target[i] = (float) values.get(i);
                }
            }
            case I64 -> {
                LongBuffer values = raw.asLongBuffer();
                for (int i = 0; i < count; i++) {
                    target[i] = values.get(i);
                }
            }
            case I32 -> {
                IntBuffer values = raw.asIntBuffer();
                for (int i = 0; i < count; i++) {
                    target[i] = values.get(i);
                }
            }
            case I16 -> {
                short[] from = shorts(raw, count);
                for (int i = 0; i < count; i++) {
                    target[i] = from[i];
                }
            }
            case I8 -> {
                for (int i = 0; i < count; i++) {
                    target[i] = raw.get(i);
                }
            }
            case U8 -> {
                for (int i = 0; i < count; i++) {
                    target[i] = raw.get(i) & 0xff;
                }
            }
            case BOOL -> {
                for (int i = 0; i < count; i++) {
                    target[i] = raw.get(i) == 0 ? 0 : 1;
                }
            }
        }
    }

    private short[] shorts(ByteBuffer raw, int count) {
        if (halves.length < count) {
            halves = new short[Math.max(count, 2 * halves.length)];
        }
        raw.asShortBuffer().get(halves, 0, count);
        return halves;
    }

    private static void bfloat16(short[] from, int count, float[] target) {
        for (int i = 0; i < count; i++) {
            target[i] = Float.intBitsToFloat(from[i] << 16);
        }
    }

    private static void half(short[] from, int count, float[] target) {
        float[] table = HALVES;
        for (int i = 0; i < count; i++) {
            target[i] = table[from[i] & 0xffff];
        }
    }

    /**
     * With its exponent and mantissa shifted to their fp32 positions, a half is too small by a factor of 2^112,
     * subnormals included; one exact multiplication corrects this. For infinities and NaNs, only the exponent must then
     * be set.
     */
    private static float half(int half) {
        int magnitude = half & 0x7fff;
        int bits = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude << 13) * 0x1p112f);
        int special = magnitude >= 0x7c00 ? 0x7f800000 : 0;
        return Float.intBitsToFloat(bits | special | (half & 0x8000) << 16);
    }
}
