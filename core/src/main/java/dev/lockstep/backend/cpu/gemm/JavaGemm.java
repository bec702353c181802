package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;

/** Products in Java: where oneDNN cannot be loaded, for empty and tiny weights, and as the oracle of tests. */
public final class JavaGemm implements GemmEngine {

    @Override
    public PackedWeight pack(
            int outputs,
            int inputs,
            PanelSource source,
            Precision precision,
            Rounding rounding,
            float[] bias,
            Workers workers,
            int maxRows) {
        return new JavaWeight(outputs, inputs, source, precision, rounding, bias, workers);
    }

    @Override
    public String name() {
        return "java";
    }

    @Override
    public void close() {
        // holds nothing
    }
}
