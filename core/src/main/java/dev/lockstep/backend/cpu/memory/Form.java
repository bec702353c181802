package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Precision;

/** How numbers lie in a slab. */
public enum Form {
    FP32(4),
    BF16(2),
    /** Integers of a scale kept elsewhere, see {@link CacheType}. */
    INT16(2),
    INT8(1),
    /** Of planned devices: nothing is stored so here. */
    FP16(2);

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
        return switch (precision) {
            case FP32 -> FP32;
            case BF16, INT8 -> BF16;
            case FP16 -> FP16;
        };
    }

    /** How cached keys and values of a type are held. */
    public static Form ofCaches(CacheType type) {
        return switch (type) {
            case FP32 -> FP32;
            case INT16 -> INT16;
            case INT8 -> INT8;
            case FP16 -> FP16;
        };
    }
}
