package dev.lockstep.backend;

/**
 * How weights and caches are held. Accumulation, norms, softmax and the residual stream are fp32 in both, and so are the
 * rows of embedding tables as far as eleven significant bits, those of fp16, go.
 */
public enum Precision {
    FP32(4),
    BF16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of a weight's or a cache's element. */
    public int bytes() {
        return bytes;
    }

    /** @throws IllegalArgumentException naming the choices */
    public static Precision named(String name) {
        switch (name) {
            case "fp32":
                return FP32;
            case "bf16":
                return BF16;
            default:
                throw new IllegalArgumentException("dtype is '" + name + "', expected fp32 or bf16");
        }
    }
}
