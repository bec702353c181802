package dev.lockstep.backend.cpu.gemm;

/** How the activations multiplied by a bf16 weight are rounded. Those of fp32 weights are never rounded. */
public enum Rounding {
    /** To one bf16 number each, with 8 bits; errors average out in sums. */
    ONE_PART,
    /**
     * To at least 16 bits: a bf16 number, plus the bf16 number nearest to the remainder. Takes twice the arithmetic,
     * but weights are read from memory only once.
     */
    TWO_PARTS
}
