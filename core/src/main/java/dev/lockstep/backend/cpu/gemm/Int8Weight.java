package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.Int8Rows;
import dev.lockstep.backend.cpu.kernel.Integers;
import dev.lockstep.backend.cpu.kernel.RowMath;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * A weight in 8 bits: every output has a scale, and so has every row of activations, which is quantised just before the
 * product, with a zero of its own since what comes out of activation functions lies mostly on one side. Sums are exact
 * integers, so a row's result does not depend on the rows beside it.
 *
 * <p>Source of the scheme: Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
 * Inference, section 2; rows of activations are quantised as they come.
 */
final class Int8Weight implements PackedWeight {

    /** Rows of a product: their results are still in a core's cache when they become numbers again. */
    static final int ROW_TILE = 64;

    /** Rows of an item of work: enough to be worth bringing a panel into the cache. */
    private static final int CHUNK_ROWS = 8 * ROW_TILE;

    private static final int LARGEST = 127;
    private static final Integers ROUNDING = Integers.best();

    private final Int8Buffers buffers;
    private final IntegerWeight integers;
    private final int outputs;
    private final int inputs;
    private final int threads;
    private final int[] starts;
    private final float[] scales;
    private final float[] sums;
    private final float[] bias;
    private final Int8Rows int8 = Int8Rows.best();
    private final RowMath rowMath = RowMath.best();
    private final Workers.Task quantiseTask = this::quantise;
    private final Workers.Items multiplyItems = this::multiply;
    private Matrix x;
    private Matrix y;
    private int rows;
    private Activation function = Activation.NONE;
    private boolean adds;
    private int rowChunks;

    /**
     * Packs a weight.
     *
     * @param starts first output of each panel, and the end
     * @param bias or null
     */
    Int8Weight(
            Int8Buffers buffers,
            IntegerWeight integers,
            int inputs,
            PanelSource source,
            float[] bias,
            int threads,
            int[] starts) {
        this.buffers = buffers;
        this.integers = integers;
        this.outputs = starts[starts.length - 1];
        this.inputs = inputs;
        this.threads = threads;
        this.starts = starts;
        this.scales = new float[outputs];
        this.sums = new float[outputs];
        this.bias = bias == null ? new float[outputs] : bias.clone();
        fill(source);
    }

    private void fill(PanelSource source) {
        int widest = 0;
        for (int i = 0; i + 1 < starts.length; i++) {
            widest = Math.max(widest, starts[i + 1] - starts[i]);
        }
        try (Slab staging = Slab.floats((long) widest * inputs, "weight panel");
                Slab quantised = Slab.allocate((long) widest * inputs, "weight panel in 8 bits")) {
            FloatBuffer floats = staging.bytes().asFloatBuffer();
            int[] rounded = new int[inputs];
            for (int i = 0; i + 1 < starts.length; i++) {
                int count = starts[i + 1] - starts[i];
                floats.position(0).limit(count * inputs);
                source.fill(starts[i], starts[i + 1], floats);
                for (int row = 0; row < count; row++) {
                    quantise(staging, quantised, row, starts[i] + row, rounded);
                }
                integers.fill(i, quantised);
            }
        }
    }

    /** One output's row, symmetric about 0. */
    private void quantise(Slab from, Slab to, int row, int output, int[] rounded) {
        float largest = ROUNDING.largest(from, row * inputs, inputs);
        float inverse = LARGEST / largest;
        inverse = Float.isInfinite(inverse) ? 0 : inverse;
        ROUNDING.round(from, row * inputs, inverse, rounded, 0, inputs);
        int sum = 0;
        for (int i = 0; i < inputs; i++) {
            to.bytes().put(row * inputs + i, (byte) rounded[i]);
            sum += rounded[i];
        }
        scales[output] = largest / LARGEST;
        sums[output] = sum * scales[output];
    }

    @Override
    public int outputs() {
        return outputs;
    }

    @Override
    public int inputs() {
        return inputs;
    }

    @Override
    public void multiply(Workers workers, Matrix source, int rowCount, Matrix target, Activation activation) {
        run(workers, source, rowCount, target, activation, false);
    }

    @Override
    public void multiplyAdd(Workers workers, Matrix source, int rowCount, Matrix target) {
        run(workers, source, rowCount, target, Activation.NONE, true);
    }

    private void run(
            Workers workers, Matrix source, int rowCount, Matrix target, Activation activation, boolean accumulate) {
        Panels.check(workers, threads, source, inputs, target, outputs);
        integers.begin();
        x = source;
        y = target;
        rows = rowCount;
        function = activation;
        adds = accumulate;
        if (rowCount >= ROW_TILE) {
            integers.prepare(ROW_TILE);
        }
        if (rowCount % ROW_TILE > 0) {
            integers.prepare(rowCount % ROW_TILE);
        }
        workers.run(quantiseTask, (long) rowCount * inputs / 2);
        rowChunks = Math.max(1, rowCount / CHUNK_ROWS);
        workers.run(multiplyItems, rowChunks * (starts.length - 1), (long) rowCount * inputs * outputs / 32);
    }

    private void quantise(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = (int) ((long) rows * worker / all); row < to; row++) {
            int8.quantise(
                    x.slab(),
                    x.at(row, 0),
                    buffers.activations(),
                    row * inputs,
                    inputs,
                    buffers.scales(),
                    buffers.zeros(),
                    row);
        }
    }

    private void multiply(int worker, int item) {
        Slab products = buffers.products(worker);
        int panel = item / rowChunks;
        int chunk = item % rowChunks;
        int end = chunk + 1 == rowChunks ? rows : (chunk + 1) * CHUNK_ROWS;
        for (int row = chunk * CHUNK_ROWS; row < end; row += ROW_TILE) {
            int count = Math.min(ROW_TILE, end - row);
            integers.multiply(worker, panel, buffers.activations(), (long) row * inputs, count, products);
            finish(products, panel, row, count);
        }
    }

    private void finish(Slab products, int panel, int row, int count) {
        int from = starts[panel];
        int width = starts[panel + 1] - from;
        int at = y.at(row, from);
        float[] rowScales = buffers.scales();
        float[] zeros = buffers.zeros();
        int8.finish(
                products,
                count,
                rowScales,
                zeros,
                row,
                scales,
                sums,
                bias,
                from,
                y.slab(),
                at,
                y.rowStride(),
                width,
                adds);
        for (int r = 0; r < count && function != Activation.NONE; r++) {
            int line = at + r * y.rowStride();
            rowMath.activate(function, y.slab(), line, y.slab(), line, width);
        }
    }

    @Override
    public void row(int output, Slab target, int offset) {
        Objects.checkIndex(output, outputs);
        int panel = 0;
        while (output >= starts[panel + 1]) {
            panel++;
        }
        for (int i = 0; i < inputs; i++) {
            target.set(offset + i, integers.get(panel, i, output - starts[panel]) * scales[output]);
        }
    }

    @Override
    public long bytes() {
        return integers.bytes() + (long) outputs * 3 * Float.BYTES;
    }

    @Override
    public void close() {
        integers.close();
    }
}
