package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Memory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Chooses the GEMM engine for this machine. */
public final class GemmEngines {

    private static final Logger LOG = LoggerFactory.getLogger(GemmEngines.class);

    /** Why oneDNN cannot be used; null if it can. Tried once. */
    private static final String REFUSAL = tryOneDnn();

    private GemmEngines() {}

    /** An engine for one rank: oneDNN if its library can be loaded, else Java. */
    public static GemmEngine open(Memory memory) {
        return REFUSAL == null ? new OneDnnEngine(memory) : new JavaGemm(memory);
    }

    /**
     * An engine for one rank.
     *
     * @param fixedRows whether the result of a row must not depend, bit for bit, on how many rows are multiplied
     */
    public static GemmEngine open(Memory memory, boolean fixedRows) {
        return fixedRows ? new FixedRowsGemm(open(memory), memory) : open(memory);
    }

    private static String tryOneDnn() {
        if (Boolean.getBoolean("lockstep.cpu.javaGemm")) {
            LOG.info("lockstep.cpu.javaGemm is set: products run in Java");
            return "switched off by lockstep.cpu.javaGemm";
        }
        try {
            OneDnn.load();
            return null;
        } catch (LinkageError | RuntimeException e) {
            LOG.warn("oneDNN cannot be loaded, products run in Java, several times slower: {}", e.toString());
            return e.toString();
        }
    }
}
