package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.function.Supplier;

/** Products in Java: used if oneDNN cannot be loaded, for empty and tiny weights, and as the reference in tests. */
public final class JavaGemm implements GemmEngine {
    private final Memory memory;
    private final Int8Buffers int8;

    public JavaGemm(Memory memory) {
        this.memory = memory;
        this.int8 = new Int8Buffers(memory);
    }

    @Override
    public PackedWeight pack(
            int outputs,
            int inputs,
            PanelSource source,
            Precision precision,
            Supplier<Rounding> rounding,
            float[] bias,
            Workers workers,
            int maxRows) {
        if (precision == Precision.INT8 && outputs > 0 && inputs > 0) {
            int[] starts = Panels.plan(outputs, inputs, workers.threads());
            for (int i = 0; i + 1 < starts.length; i++) {
                int8.ensure(maxRows, inputs, starts[i + 1] - starts[i], workers.threads());
            }
            IntegerWeight integers = new JavaIntegerWeight(memory, inputs, starts);
            return new Int8Weight(int8, integers, inputs, source, bias, workers.threads(), starts);
        }
        return new JavaWeight(outputs, inputs, source, precision, rounding, bias, workers, memory);
    }

    @Override
    public String name() {
        return "java";
    }

    @Override
    public void close() {
        int8.close();
    }
}
