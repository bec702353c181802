package dev.lockstep.backend;

/**
 * How weights are held. Accumulation, norms, softmax and the residual stream are fp32 in fp32, bf16 and int8, and so are the
 * rows of embedding tables as far as eleven significant bits, those of fp16, go. In int8, weights have a scale for each
 * output, and activations, which are quantised row by row as they come, one for each row.
 */
public enum Precision {
    FP32(4),
    BF16(2),
    INT8(1),
    /** All weights and caches in two bytes, as devices hold them: memory can be planned for it, no backend runs it. */
    FP16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of an element of a linear map's weight. */
    public int bytes() {
        return bytes;
    }

    /** How tables of which rows are looked up are held: nothing averages their rounding. */
    public Precision ofTables() {
        return this == INT8 ? BF16 : this;
    }

    /** Bytes of one head's cached key or value of this many features, where no other type is asked for. */
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
