package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.WorkerSlabs;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.function.Supplier;

/**
 * Products of another engine, always computed with {@link #ROWS} rows at a time. A library may add up a row's products
 * in a different order if the number of rows changes. With a fixed number, the result of a row depends, bit for bit, on
 * that row only. A batch that is not a multiple costs as much as the next multiple.
 */
final class FixedRowsGemm implements GemmEngine {
    /** Enough rows to make good use of weights that are read from memory. */
    static final int ROWS = 64;

    private static final String OWNER = "rows of one product";

    private final Memory memory;
    private final GemmEngine engine;
    /** Buffers for fewer rows and their results, shared by all weights. */
    private Slab sources;

    private Slab targets;
    /** The same for each worker's tile. */
    private final WorkerSlabs tileSources;

    private final WorkerSlabs tileTargets;

    FixedRowsGemm(GemmEngine engine, Memory memory) {
        this.memory = memory;
        this.sources = memory.allocate(0, OWNER);
        this.targets = memory.allocate(0, OWNER);
        this.tileSources = new WorkerSlabs(memory, OWNER);
        this.tileTargets = new WorkerSlabs(memory, OWNER);
        this.engine = engine;
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
        sources = atLeast(sources, inputs);
        targets = atLeast(targets, outputs);
        tileSources.ensure((long) ROWS * inputs * Float.BYTES, workers.threads());
        tileTargets.ensure((long) ROWS * outputs * Float.BYTES, workers.threads());
        int rows = Math.max(maxRows, ROWS);
        return new FixedRowsWeight(
                this,
                engine.pack(outputs, inputs, source, precision, rounding, bias, workers, rows),
                workers.threads());
    }

    private Slab atLeast(Slab slab, int width) {
        long bytes = (long) ROWS * width * Float.BYTES;
        if (slab.byteSize() >= bytes) {
            return slab;
        }
        slab.close();
        return memory.allocate(bytes, OWNER);
    }

    /** Plain {@code [ROWS, inputs]} of any weight. */
    Slab sources() {
        return sources;
    }

    /** Plain {@code [ROWS, outputs]} of any weight. */
    Slab targets() {
        return targets;
    }

    /** As {@link #sources}, of a worker's tile. */
    Slab tileSources(int worker) {
        return tileSources.of(worker);
    }

    /** As {@link #targets}, of a worker's tile. */
    Slab tileTargets(int worker) {
        return tileTargets.of(worker);
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public void close() {
        sources.close();
        targets.close();
        tileSources.close();
        tileTargets.close();
        engine.close();
    }
}
