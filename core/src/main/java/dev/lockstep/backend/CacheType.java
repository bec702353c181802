package dev.lockstep.backend;

/**
 * How the KV cache stores keys and values: as plain numbers, or as integers with one fp32 scale per head for each key
 * and each value. bf16 is not offered: attention scores are exponents, so bf16's 8 bits would cost several percent in
 * the weights of sharp attention. 16-bit integers have 15 bits below a vector's largest magnitude, 8-bit integers 7.
 */
public enum CacheType {
    FP32(4, false),
    INT16(2, true),
    INT8(1, true),
    /** The type that devices use. Memory can be planned for it, but no backend runs it. */
    FP16(2, false);

    private final int bytes;
    private final boolean scaled;

    CacheType(int bytes, boolean scaled) {
        this.bytes = bytes;
        this.scaled = scaled;
    }

    /** The default type for weights of this precision. */
    public static CacheType of(Precision precision) {
        return switch (precision) {
            case FP32 -> FP32;
            case BF16 -> INT16;
            case INT8 -> INT8;
            case FP16 -> FP16;
        };
    }

    /**
     * The type with this name; {@code auto} selects the default for the weights.
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

    /**
     * The type for latent caches, whose keys contain the values as their first features. Latents are small and are read
     * both as keys and as values, so they get at least 16 bits.
     */
    public CacheType ofLatents() {
        return this == INT8 ? INT16 : this;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    public boolean isScaled() {
        return scaled;
    }

    /** Bytes of one head's cached key or value with this many features, including its scale if it has one. */
    public long bytes(int width) {
        return (long) width * bytes + (scaled && width > 0 ? Float.BYTES : 0);
    }
}
