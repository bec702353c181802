package dev.lockstep.backend.cpu.gemm;

/** How the activations that a bf16 weight multiplies are rounded. Those of fp32 weights never are. */
public enum Rounding {
    /** To one bf16 number each: 8 bits, errors of which average out in sums. */
    ONE_PART,
    /**
     * To 16 bits at least: a bf16 number and the bf16 number nearest to what is left. Twice the work, for which weights are
     * read from memory once.
     */
    TWO_PARTS
}
