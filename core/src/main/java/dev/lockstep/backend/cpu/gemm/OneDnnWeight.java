package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.RowMath;
import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Objects;
import java.util.function.Supplier;

/** A weight in oneDNN's layout, as panels of output columns. Each worker has consecutive panels. */
final class OneDnnWeight implements PackedWeight {

    /**
     * Rows of a tile. Products of fewer than two tiles, and those of whole tiles, are one product with a primitive of their
     * own number of rows. Others are divided into whole tiles and a remainder of at least one tile.
     */
    private static final int ROW_TILE = 64;

    /**
     * Up to this many rows, both parts of activations are rows of one product: more rows cost less than a second
     * product.
     */
    private static final int STACKED_ROWS = 8;

    private final OneDnnEngine engine;
    private final int outputs;
    private final int inputs;
    private final Precision precision;
    private final boolean inTwoParts;
    private final int threads;
    private final int[] starts;
    private final PanelShape[] shapes;
    /** The same panels without a bias, for the second parts. */
    private final PanelShape[] restShapes;

    private final Slab[] slabs;
    private final PanelKernel[] kernels;
    private final PanelKernel[] restKernels;
    private final RowMath rowMath = RowMath.best();
    private final Workers.Task roundTask = this::round;
    private final Workers.Items multiplyPanels = this::multiply;
    private final Workers.Items multiplyStacked = this::multiplyStacked;
    private Matrix x;
    private Matrix y;
    private int row;
    private int rows;
    private Activation function = Activation.NONE;
    private boolean adds;

    OneDnnWeight(
            OneDnnEngine engine,
            int outputs,
            int inputs,
            PanelSource source,
            Precision precision,
            Supplier<Rounding> rounding,
            float[] bias,
            int threads,
            int[] starts) {
        this.engine = engine;
        this.outputs = outputs;
        this.inputs = inputs;
        this.precision = precision;
        this.threads = threads;
        this.starts = starts;
        int panels = starts.length - 1;
        this.shapes = new PanelShape[panels];
        this.slabs = new Slab[panels];
        this.kernels = new PanelKernel[panels];
        for (int i = 0; i < panels; i++) {
            shapes[i] = engine.shape(inputs, starts[i + 1] - starts[i], precision, bias != null);
            long biasBytes = bias == null ? 0 : (long) shapes[i].outputs * Float.BYTES;
            slabs[i] = engine.memory().allocate(biasOffset(i) + biasBytes, "packed weight");
            if (bias != null) {
                slabs[i].put((int) (biasOffset(i) / Float.BYTES), bias, starts[i], shapes[i].outputs);
            }
        }
        new PanelPacker(engine.engine(), engine.stream(0), engine.memory()).pack(source, starts, shapes, slabs);
        this.inTwoParts = precision == Precision.BF16 && rounding.get() == Rounding.TWO_PARTS;
        this.restShapes = new PanelShape[inTwoParts ? panels : 0];
        this.restKernels = new PanelKernel[restShapes.length];
        for (int i = 0; i < restShapes.length; i++) {
            restShapes[i] = engine.shape(inputs, shapes[i].outputs, precision, false);
            engine.ensureProducts(2L * STACKED_ROWS * shapes[i].outputs * Float.BYTES);
        }
    }

    /** Byte offset of a panel's bias. */
    private long biasOffset(int panel) {
        return (shapes[panel].weightBytes() + 63) / 64 * 64;
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
        OpenMp.single();
        engine.kernels().beginProduct();
        x = source;
        y = target;
        rows = rowCount;
        int xStride = precision == Precision.BF16 ? inputs : source.rowStride();
        if (precision == Precision.BF16) {
            workers.run(roundTask, (long) rowCount * inputs / 4);
        }
        if (inTwoParts && rowCount > 0 && rowCount <= STACKED_ROWS) {
            runStacked(workers, activation, accumulate);
            return;
        }
        int count;
        for (row = 0; row < rowCount; row += count) {
            int left = rowCount - row;
            // Avoids a remainder of a few rows, which would cost a pass over the weights.
            count = left < 2 * ROW_TILE || left % ROW_TILE == 0 ? left : left / ROW_TILE * ROW_TILE - ROW_TILE;
            for (int i = 0; i < kernels.length; i++) {
                boolean sum = accumulate || inTwoParts;
                kernels[i] = shapes[i].kernel(count, xStride, target.rowStride(), activation, sum);
                if (inTwoParts) {
                    restKernels[i] =
                            restShapes[i].kernel(count, xStride, target.rowStride(), Activation.NONE, accumulate);
                }
            }
            workers.run(multiplyPanels, kernels.length, (long) count * inputs * outputs / (inTwoParts ? 8 : 16));
        }
    }

    private void round(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int r = (int) ((long) rows * worker / all); r < to; r++) {
            round(x, r, engine.activations(), rows);
        }
    }

    /** Rounds a row of activations, and stores its second part {@code rest} rows after it. */
    private void round(Matrix source, int r, Slab target, int rest) {
        rowMath.toBf16(source.slab(), source.at(r, 0), target, r * inputs, inputs);
        if (inTwoParts) {
            rowMath.restToBf16(source.slab(), source.at(r, 0), target, (rest + r) * inputs, inputs);
        }
    }

    @Override
    public void beginTiles() {
        engine.kernels().beginProduct();
    }

    @Override
    public void prepareTile(Matrix source, int rowCount, Matrix target, Activation activation) {
        OpenMp.single();
        int xStride = precision == Precision.BF16 ? inputs : source.rowStride();
        for (int i = 0; i < shapes.length; i++) {
            shapes[i].kernel(rowCount, xStride, target.rowStride(), activation, inTwoParts);
            if (inTwoParts) {
                restShapes[i].kernel(rowCount, xStride, target.rowStride(), Activation.NONE, false);
            }
        }
    }

    @Override
    public void multiplyTile(int worker, Matrix source, int rowCount, Matrix target, Activation activation) {
        OpenMp.single();
        int xStride = precision == Precision.BF16 ? inputs : source.rowStride();
        long from = source.slab().address() + (long) source.at(0, 0) * Float.BYTES;
        if (precision == Precision.BF16) {
            Slab tile = engine.tile(worker);
            for (int r = 0; r < rowCount; r++) {
                round(source, r, tile, rowCount);
            }
            from = tile.address();
        }
        for (int i = 0; i < shapes.length; i++) {
            long to = target.slab().address() + (long) target.at(0, starts[i]) * Float.BYTES;
            if (inTwoParts) {
                PanelKernel rest = restShapes[i].made(rowCount, xStride, target.rowStride(), Activation.NONE, false);
                run(rest, i, worker, from + (long) rowCount * inputs * Short.BYTES, to);
            }
            PanelKernel kernel = shapes[i].made(rowCount, xStride, target.rowStride(), activation, inTwoParts);
            run(kernel, i, worker, from, to);
        }
    }

    private void multiply(int worker, int panel) {
        OpenMp.single();
        long from = precision == Precision.BF16
                ? engine.activations().address() + (long) row * inputs * Short.BYTES
                : x.slab().address() + (long) x.at(row, 0) * Float.BYTES;
        if (inTwoParts) { // first, so that bias and activation are applied together with the larger part
            run(restKernels[panel], panel, worker, from + (long) rows * inputs * Short.BYTES, target(panel));
        }
        run(kernels[panel], panel, worker, from, target(panel));
    }

    private long target(int panel) {
        return y.slab().address() + (long) y.at(row, starts[panel]) * Float.BYTES;
    }

    private void run(PanelKernel kernel, int panel, int worker, long from, long to) {
        long weights = slabs[panel].address();
        kernel.run(
                worker,
                engine.stream(worker),
                from,
                weights,
                weights + biasOffset(panel),
                to,
                engine.scratch(worker).address());
    }

    private void runStacked(Workers workers, Activation activation, boolean accumulate) {
        function = activation;
        adds = accumulate;
        row = 0;
        for (int i = 0; i < restKernels.length; i++) {
            restKernels[i] = restShapes[i].kernel(2 * rows, inputs, shapes[i].outputs, Activation.NONE, false);
        }
        workers.run(multiplyStacked, kernels.length, (long) rows * inputs * outputs / 8);
    }

    private void multiplyStacked(int worker, int panel) {
        OpenMp.single();
        Slab products = engine.products(worker);
        run(restKernels[panel], panel, worker, engine.activations().address(), products.address());
        int width = shapes[panel].outputs;
        for (int r = 0; r < rows; r++) {
            store(products, r * width, (rows + r) * width, panel, y.at(r, starts[panel]));
        }
    }

    /** Adds the products of both parts of a row, then bias, accumulation and activation as requested. */
    private void store(Slab products, int first, int second, int panel, int to) {
        int width = shapes[panel].outputs;
        rowMath.add(products, first, products, second, products, first, width);
        if (shapes[panel].bias) {
            int bias = (int) (biasOffset(panel) / Float.BYTES);
            rowMath.add(products, first, slabs[panel], bias, products, first, width);
        }
        if (adds) {
            rowMath.add(products, first, y.slab(), to, products, first, width);
        }
        if (function == Activation.NONE) {
            y.slab().copy(to, products, first, width);
        } else {
            rowMath.activate(function, products, first, y.slab(), to, width);
        }
    }

    @Override
    public void row(int output, Slab target, int offset) {
        Objects.checkIndex(output, outputs);
        int panel = 0;
        while (output >= starts[panel + 1]) {
            panel++;
        }
        BlockedLayout layout = shapes[panel].layout;
        int column = output - starts[panel];
        for (int i = 0; i < inputs; i++) {
            int at = layout.offset(i, column);
            float value = precision == Precision.FP32 ? slabs[panel].get(at) : Bf16.toFloat(slabs[panel].getShort(at));
            target.set(offset + i, value);
        }
    }

    @Override
    public long bytes() {
        long bytes = 0;
        for (Slab slab : slabs) {
            bytes += slab.byteSize();
        }
        return bytes;
    }

    @Override
    public void close() {
        for (Slab slab : slabs) {
            slab.close();
        }
    }
}
