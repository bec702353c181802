package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Precision;

/** How numbers lie in a slab. */
public enum Form {
    FP32(4),
    BF16(2),
    /** Integers of a scale kept elsewhere, see {@link CacheType}. */
    INT16(2),
    INT8(1);

    private final int bytes;

    Form(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    /** How weights of a precision are held. */
    public static Form ofWeights(Precision precision) {
        return precision == Precision.FP32 ? FP32 : BF16;
    }

    /** How cached keys and values of a type are held. */
    public static Form ofCaches(CacheType type) {
        return switch (type) {
            case FP32 -> FP32;
            case INT16 -> INT16;
            case INT8 -> INT8;
        };
    }
}
