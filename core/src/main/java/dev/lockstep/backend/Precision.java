package dev.lockstep.backend;

/**
 * How weights and caches are held. Caches of bf16 models hold 16-bit integers of a scale for each key and value.
 * Accumulation, norms, softmax and the residual stream are fp32 in both fp32 and bf16, and so are the rows of embedding
 * tables as far as eleven significant bits, those of fp16, go.
 */
public enum Precision {
    FP32(4),
    BF16(2),
    /** All weights and caches in two bytes, as devices hold them: memory can be planned for it, no backend runs it. */
    FP16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a weight's or a cache's element. */
    public int bytes() {
        return bytes;
    }

    /** Bytes of one head's cached key or value of this many features, with its fp32 scale where it has one. */
    public long cachedBytes(int width) {
        int scale = this == BF16 && width > 0 ? Float.BYTES : 0;
        return (long) width * bytes + scale;
    }

    /** @throws IllegalArgumentException naming the choices */
    public static Precision named(String name) {
        switch (name) {
            case "fp32":
                return FP32;
            case "bf16":
                return BF16;
            case "fp16":
                return FP16;
            default:
                throw new IllegalArgumentException(
                        "dtype is '" + name + "', expected fp32 or bf16, or fp16 to plan for a device");
        }
    }
}
