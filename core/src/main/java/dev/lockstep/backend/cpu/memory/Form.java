package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.Precision;

/** How numbers lie in a slab. */
public enum Form {
    FP32(4),
    BF16(2),
    /** Integers of a scale kept elsewhere, see {@link Int16}. */
    INT16(2),
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

    /**
     * How cached keys and values of a precision are held. Scores are exponents: an error of a key's 8 bits that would be
     * lost in a sum is one of several percent in a weight of sharp attention.
     */
    public static Form ofCaches(Precision precision) {
        return switch (precision) {
            case FP32 -> FP32;
            case BF16, INT8 -> INT16;
            case FP16 -> FP16;
        };
    }
}
