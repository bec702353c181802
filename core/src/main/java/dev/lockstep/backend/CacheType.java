package dev.lockstep.backend;

/**
 * How cached keys and values are held: as they are, or as integers with an fp32 scale for each key and each value of a
 * head. Scores are exponents, and bf16's 8 bits would cost several percent in the weights of sharp attention; 16-bit
 * integers have 15 bits below a vector's largest magnitude, 8-bit integers 7.
 */
public enum CacheType {
    FP32(4, false),
    INT16(2, true),
    INT8(1, true),
    /** As devices hold them: memory can be planned for it, no backend runs it. */
    FP16(2, false);

    private final int bytes;
    private final boolean scaled;

    CacheType(int bytes, boolean scaled) {
        this.bytes = bytes;
        this.scaled = scaled;
    }

    /** The type that goes with weights of a precision where nothing else is asked for. */
    public static CacheType of(Precision precision) {
        return switch (precision) {
            case FP32 -> FP32;
            case BF16 -> INT16;
            case INT8 -> INT8;
            case FP16 -> FP16;
        };
    }

    /**
     * The type of this name, or for {@code auto} the one that goes with the weights.
     *
     * @throws IllegalArgumentException naming the choices
     */
    public static CacheType named(String name, Precision weights) {
        switch (name) {
            case "auto":
                return of(weights);
            case "fp32":
                return FP32;
            case "int16":
                return INT16;
            case "int8":
                return INT8;
            default:
                throw new IllegalArgumentException("cache_dtype is '" + name + "', expected auto, fp32, int16 or int8");
        }
    }

    /** The type for keys whose first features are the values: they are small, and are read as both. */
    public CacheType ofLatents() {
        return this == INT8 ? INT16 : this;
    }

    /** Bytes of an element. */
    public int bytes() {
        return bytes;
    }

    public boolean isScaled() {
        return scaled;
    }

    /** Bytes of one head's cached key or value of this many features, with its scale where it has one. */
    public long bytes(int width) {
        return (long) width * bytes + (scaled && width > 0 ? Float.BYTES : 0);
    }
}
