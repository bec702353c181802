package dev.lockstep.backend;

/**
 * How weights are stored. With fp32, bf16 and int8 weights, accumulation, norms, softmax and the residual stream are
 * fp32. The rows of embedding tables are fp32 too, as far as the eleven significant bits of fp16 go. In int8, weights
 * are quantised with one scale per output. Activations are quantised at run time with one scale per row.
 */
public enum Precision {
    FP32(4),
    BF16(2),
    INT8(1),
    /** All weights and caches in two bytes, as on devices. Memory can be planned for it, but no backend runs it. */
    FP16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes per element of a linear map's weight. */
    public int bytes() {
        return bytes;
    }

    /** The precision of look-up tables. They need a finer one, because no sum averages out their rounding errors. */
    public Precision ofTables() {
        return this == INT8 ? BF16 : this;
    }

    /** Bytes of one head's cached key or value with this many features, in the default cache type. */
    public long cachedBytes(int width) {
        return CacheType.of(this).bytes(width);
    }

    /** @throws IllegalArgumentException naming the choices */
    public static Precision named(String name) {
        switch (name) {
            case "fp32":
                return FP32;
            case "bf16":
                return BF16;
            case "int8":
                return INT8;
            case "fp16":
                return FP16;
            default:
                throw new IllegalArgumentException(
                        "dtype is '" + name + "', expected fp32, bf16 or int8, or fp16 to plan for a device");
        }
    }
}
