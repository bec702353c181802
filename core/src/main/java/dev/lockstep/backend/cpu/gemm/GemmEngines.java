package dev.lockstep.backend.cpu.gemm;

/** Chooses the GEMM of this machine. */
public final class GemmEngines {

    private GemmEngines() {}

    /** An engine for one rank: oneDNN where its library can be loaded, else Java. */
    public static GemmEngine open() {
        return new JavaGemm();
    }
}
