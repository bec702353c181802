package dev.lockstep.backend.cpu.memory;

/** How weights, tables and caches are stored; sums are always fp32. */
public enum Precision {
    FP32(4),
    BF16(2);

    private final int bytes;

    Precision(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
