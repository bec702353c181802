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
 * A weight quantised to 8 bits with one scale per output. Activations are quantised just before the product, with one
 * scale and one zero point per row; the zero point is there because outputs of activation functions lie mostly on one
 * side of 0. Sums are exact integers, so a row's result does not depend on the rows beside it.
 *
 * <p>Source of the scheme: Jacob et al., Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference, section 2. Rows of activations are quantised at run time.
 */
final class Int8Weight implements PackedWeight {

    /** Rows of a product, few enough to be still in a core's cache when they are dequantised. */
    static final int PRODUCT_ROWS = 64;

    /** Rows of a work item, enough to justify loading a panel into the cache. */
    private static final int CHUNK_ROWS = 8 * PRODUCT_ROWS;

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
     * @param bias may be null
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
        try (Slab staging = buffers.memory().floats((long) widest * inputs, "weight panel");
                Slab quantised = buffers.memory().allocate((long) widest * inputs, "weight panel in 8 bits")) {
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

    /** Quantises one output's row, symmetrically about 0. */
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
        prepare(rowCount);
        workers.run(quantiseTask, (long) rowCount * inputs / 2);
        rowChunks = Math.max(1, rowCount / CHUNK_ROWS);
        workers.run(multiplyItems, rowChunks * (starts.length - 1), (long) rowCount * inputs * outputs / 32);
    }

    private void quantise(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = (int) ((long) rows * worker / all); row < to; row++) {
            quantise(x, row, buffers.activations(), row, row);
        }
    }

    private void prepare(int rowCount) {
        if (rowCount >= PRODUCT_ROWS) {
            integers.prepare(PRODUCT_ROWS);
        }
        if (rowCount % PRODUCT_ROWS > 0) {
            integers.prepare(rowCount % PRODUCT_ROWS);
        }
    }

    /**
     * Quantises a row of activations to bytes.
     *
     * @param place the row's index in the target
     * @param scale the index of its scale and zero point
     */
    private void quantise(Matrix source, int row, Slab target, int place, int scale) {
        int8.quantise(
                source.slab(),
                source.at(row, 0),
                target,
                place * inputs,
                inputs,
                buffers.scales(),
                buffers.zeros(),
                scale);
    }

    /** Multiplies 64 rows at a time, so that they are still in a core's cache when they are dequantised. */
    private void multiply(int worker, int item) {
        int panel = item / rowChunks;
        int chunk = item % rowChunks;
        int end = chunk + 1 == rowChunks ? rows : (chunk + 1) * CHUNK_ROWS;
        for (int row = chunk * CHUNK_ROWS; row < end; row += PRODUCT_ROWS) {
            int count = Math.min(PRODUCT_ROWS, end - row);
            integers.multiply(
                    worker, panel, buffers.activations(), (long) row * inputs, count, buffers.products(worker));
            finish(worker, panel, row, count, y, row, function, adds);
        }
    }

    /** @param scale the index of the first row's scale and zero point */
    private void finish(
            int worker,
            int panel,
            int scale,
            int count,
            Matrix target,
            int row,
            Activation activation,
            boolean accumulate) {
        int from = starts[panel];
        int width = starts[panel + 1] - from;
        int at = target.at(row, from);
        int8.finish(
                buffers.products(worker),
                count,
                buffers.scales(),
                buffers.zeros(),
                scale,
                scales,
                sums,
                bias,
                from,
                target.slab(),
                at,
                target.rowStride(),
                width,
                accumulate);
        for (int r = 0; r < count && activation != Activation.NONE; r++) {
            int line = at + r * target.rowStride();
            rowMath.activate(activation, target.slab(), line, target.slab(), line, width);
        }
    }

    @Override
    public void beginTiles() {
        integers.begin();
    }

    @Override
    public void prepareTile(Matrix source, int rowCount, Matrix target, Activation activation) {
        prepare(rowCount);
    }

    @Override
    public void multiplyTile(int worker, Matrix source, int rowCount, Matrix target, Activation activation) {
        Slab tile = buffers.tile(worker);
        int scale = worker * TILE_ROWS;
        for (int row = 0; row < rowCount; row++) {
            quantise(source, row, tile, row, scale + row);
        }
        for (int panel = 0; panel + 1 < starts.length; panel++) {
            for (int row = 0; row < rowCount; row += PRODUCT_ROWS) {
                int count = Math.min(PRODUCT_ROWS, rowCount - row);
                integers.multiply(worker, panel, tile, (long) row * inputs, count, buffers.products(worker));
                finish(worker, panel, scale + row, count, target, row, activation, false);
            }
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
