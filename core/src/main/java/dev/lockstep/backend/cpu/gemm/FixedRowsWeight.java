package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * A weight that multiplies {@link FixedRowsGemm#ROWS} rows at a time. All rows go through one buffer, so that neither
 * their number nor their place matters. The rest of the buffer contains leftovers of earlier rows.
 */
final class FixedRowsWeight implements PackedWeight {
    private static final int ROWS = FixedRowsGemm.ROWS;

    private final FixedRowsGemm engine;
    private final PackedWeight weight;
    private final Matrix sources;
    private final Matrix targets;
    private final Matrix[] tileSources;
    private final Matrix[] tileTargets;

    FixedRowsWeight(FixedRowsGemm engine, PackedWeight weight, int threads) {
        this.engine = engine;
        this.weight = weight;
        this.sources = new Matrix(engine.sources(), 0, weight.inputs());
        this.targets = new Matrix(engine.targets(), 0, weight.outputs());
        this.tileSources = new Matrix[threads];
        this.tileTargets = new Matrix[threads];
        for (int i = 0; i < threads; i++) {
            tileSources[i] = new Matrix(engine.sources(), 0, weight.inputs());
            tileTargets[i] = new Matrix(engine.targets(), 0, weight.outputs());
        }
    }

    @Override
    public int outputs() {
        return weight.outputs();
    }

    @Override
    public int inputs() {
        return weight.inputs();
    }

    @Override
    public void multiply(Workers workers, Matrix x, int rows, Matrix y, Activation activation) {
        point();
        for (int row = 0; row < rows; row += ROWS) {
            int count = Math.min(ROWS, rows - row);
            copy(x, row, sources, 0, count, inputs());
            weight.multiply(workers, sources, ROWS, targets, activation);
            copy(targets, 0, y, row, count, outputs());
        }
    }

    @Override
    public void multiplyAdd(Workers workers, Matrix x, int rows, Matrix y) {
        point();
        for (int row = 0; row < rows; row += ROWS) {
            int count = Math.min(ROWS, rows - row);
            copy(x, row, sources, 0, count, inputs());
            copy(y, row, targets, 0, count, outputs());
            weight.multiplyAdd(workers, sources, ROWS, targets);
            copy(targets, 0, y, row, count, outputs());
        }
    }

    @Override
    public void beginTiles() {
        weight.beginTiles();
    }

    @Override
    public void prepareTile(Matrix x, int rows, Matrix y, Activation activation) {
        point();
        weight.prepareTile(sources, ROWS, targets, activation);
    }

    @Override
    public void multiplyTile(int worker, Matrix x, int rows, Matrix y, Activation activation) {
        Matrix from = tileSources[worker].point(engine.tileSources(worker), 0, inputs());
        Matrix to = tileTargets[worker].point(engine.tileTargets(worker), 0, outputs());
        for (int row = 0; row < rows; row += ROWS) {
            int count = Math.min(ROWS, rows - row);
            copy(x, row, from, 0, count, inputs());
            weight.multiplyTile(worker, from, ROWS, to, activation);
            copy(to, 0, y, row, count, outputs());
        }
    }

    /** Points to the buffers, which may have been replaced by larger ones since this weight was packed. */
    private void point() {
        sources.point(engine.sources(), 0, inputs());
        targets.point(engine.targets(), 0, outputs());
    }

    private static void copy(Matrix from, int fromRow, Matrix to, int toRow, int count, int width) {
        for (int row = 0; row < count; row++) {
            to.slab().copy(to.at(toRow + row, 0), from.slab(), from.at(fromRow + row, 0), width);
        }
    }

    @Override
    public void row(int output, Slab target, int offset) {
        weight.row(output, target, offset);
    }

    @Override
    public long bytes() {
        return weight.bytes();
    }

    @Override
    public void close() {
        weight.close();
    }
}
