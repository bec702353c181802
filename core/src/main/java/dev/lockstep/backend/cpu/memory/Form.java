package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Precision;

/** The number format of a slab. */
public enum Form {
    FP32(4),
    BF16(2),
    /** Integers whose scale is stored elsewhere, see {@link CacheType}. */
    INT16(2),
    INT8(1),
    /** For planned devices only: no slab has this format. */
    FP16(2);

    private final int bytes;

    Form(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The format for weights of this precision. */
    public static Form ofWeights(Precision precision) {
        return switch (precision) {
            case FP32 -> FP32;
            case BF16, INT8 -> BF16;
            case FP16 -> FP16;
        };
    }

    /** The format for cached keys and values of this type. */
    public static Form ofCaches(CacheType type) {
        return switch (type) {
            case FP32 -> FP32;
            case INT16 -> INT16;
            case INT8 -> INT8;
            case FP16 -> FP16;
        };
    }
}
