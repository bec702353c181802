package dev.lockstep.checkpoint;

import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;

/**
 * Converts stored elements to fp32. Two-byte types go through an array, so that the loops are plain array loops of a
 * load, some integer operations and a store.
 */
final class Elements {
    private final short[] halves;

    /** @param most the most bytes of one conversion */
    Elements(int most) {
        halves = new short[most / 2];
    }

    /** Converts the {@code count} elements at the start of {@code raw}, which is in the file's byte order. */
    void convert(ByteBuffer raw, DType dtype, int count, float[] target) {
        switch (dtype) {
            case F32 -> raw.asFloatBuffer().get(target, 0, count);
            case BF16 -> bfloat16(raw.asShortBuffer(), count, target);
            case F16 -> half(raw.asShortBuffer(), count, target);
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
                raw.asShortBuffer().get(halves, 0, count);
                for (int i = 0; i < count; i++) {
                    target[i] = halves[i];
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

    private void bfloat16(ShortBuffer raw, int count, float[] target) {
        raw.get(halves, 0, count);
        short[] from = halves;
        for (int i = 0; i < count; i++) {
            target[i] = Float.intBitsToFloat(from[i] << 16);
        }
    }

    /**
     * A half's exponent and mantissa, moved to where fp32 has them, are 2^112 too small, subnormals included: one exact
     * multiplication puts that right. Infinities and NaNs then only lack their exponent.
     */
    private void half(ShortBuffer raw, int count, float[] target) {
        raw.get(halves, 0, count);
        short[] from = halves;
        for (int i = 0; i < count; i++) {
            int magnitude = from[i] & 0x7fff;
            int bits = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude << 13) * 0x1p112f);
            int special = magnitude >= 0x7c00 ? 0x7f800000 : 0;
            target[i] = Float.intBitsToFloat(bits | special | (from[i] & 0x8000) << 16);
        }
    }
}
