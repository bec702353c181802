package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * Element-wise operations on {@code [rows, width]} matrices of any column layout, split over rows. A target may be one
 * of the inputs. One object per rank; it must not be used by several threads at once.
 */
public final class Elementwise {

    private enum Operation {
        ADD,
        ADD_SCALED,
        MULTIPLY,
        SCALE,
        AFFINE,
        ACTIVATE,
        GATED,
        SOFT_CAP,
        XIELU,
        CLAMP,
        SCALE_ROWS,
        SCALE_BY_TABLE,
        CLEAR
    }

    /** One loop per operation, {@link OutOfLine}: together, or called from too deep, they leave vectors in memory. */
    private static final MethodHandle[] SEGMENTS = segments();

    private static MethodHandle[] segments() {
        MethodHandle[] found = new MethodHandle[Operation.values().length];
        found[Operation.ADD.ordinal()] = find("addSegment");
        found[Operation.ADD_SCALED.ordinal()] = find("addScaledSegment");
        found[Operation.MULTIPLY.ordinal()] = find("multiplySegment");
        found[Operation.SCALE.ordinal()] = find("scaleSegment");
        found[Operation.AFFINE.ordinal()] = find("affineSegment");
        found[Operation.ACTIVATE.ordinal()] = find("activateSegment");
        found[Operation.GATED.ordinal()] = find("gatedSegment");
        found[Operation.SOFT_CAP.ordinal()] = find("softCapSegment");
        found[Operation.XIELU.ordinal()] = find("xieluSegment");
        found[Operation.CLAMP.ordinal()] = find("clampSegment");
        found[Operation.SCALE_ROWS.ordinal()] = find("scaleRowsSegment");
        found[Operation.SCALE_BY_TABLE.ordinal()] = find("scaleByTableSegment");
        found[Operation.CLEAR.ordinal()] = find("clearSegment");
        return found;
    }

    private static MethodHandle find(String name) {
        return OutOfLine.find(
                MethodHandles.lookup(),
                name,
                Elementwise.class,
                int.class,
                int.class,
                int.class,
                int.class,
                int.class,
                int.class);
    }

    private final Workers workers;
    private final RowMath math;
    private final Workers.Task task = this::share;
    private Operation operation;
    private Activation activation = Activation.NONE;
    private Xielu curve;
    private Matrix x;
    private Matrix y;
    private Matrix z;
    private float factor;
    private float high;
    private int[] entries;
    private float[] weight;
    private float[] bias;
    private int rows;
    private int width;

    public Elementwise(Workers workers) {
        this(workers, RowMath.best());
    }

    Elementwise(Workers workers, RowMath math) {
        this.workers = workers;
        this.math = math;
    }

    /** z = a + b. */
    public void add(Matrix a, Matrix b, Matrix target, int rowCount, int columns) {
        run(Operation.ADD, a, b, target, rowCount, columns);
    }

    /** z += scale · a. */
    public void addScaled(Matrix a, float scale, Matrix target, int rowCount, int columns) {
        factor = scale;
        run(Operation.ADD_SCALED, a, target, target, rowCount, columns);
    }

    /** z = a · b, by element. */
    public void multiply(Matrix a, Matrix b, Matrix target, int rowCount, int columns) {
        run(Operation.MULTIPLY, a, b, target, rowCount, columns);
    }

    /** z = scale · a. */
    public void scale(Matrix a, float scale, Matrix target, int rowCount, int columns) {
        factor = scale;
        run(Operation.SCALE, a, a, target, rowCount, columns);
    }

    /** z = a · columnWeight + columnBias; either array of {@code [columns]} may be null. */
    public void affine(Matrix a, float[] columnWeight, float[] columnBias, Matrix target, int rowCount, int columns) {
        weight = columnWeight;
        bias = columnBias;
        run(Operation.AFFINE, a, a, target, rowCount, columns);
    }

    /** z = function(a). */
    public void activate(Activation function, Matrix a, Matrix target, int rowCount, int columns) {
        activation = function;
        run(Operation.ACTIVATE, a, a, target, rowCount, columns);
    }

    /**
     * z = function(gate) · up, by element. The target may be the gate's own rows, but not {@code up}'s, unless the
     * function is none.
     */
    public void gated(Activation function, Matrix gate, Matrix up, Matrix target, int rowCount, int columns) {
        activation = function;
        run(Operation.GATED, gate, up, target, rowCount, columns);
    }

    /** z = cap · tanh(a / cap). */
    public void softCap(Matrix a, float cap, Matrix target, int rowCount, int columns) {
        factor = cap;
        run(Operation.SOFT_CAP, a, a, target, rowCount, columns);
    }

    /** z = curve(a). */
    public void xielu(Xielu shape, Matrix a, Matrix target, int rowCount, int columns) {
        curve = shape;
        run(Operation.XIELU, a, a, target, rowCount, columns);
    }

    /** z = a clamped to [low, top]. */
    public void clamp(Matrix a, float low, float top, Matrix target, int rowCount, int columns) {
        factor = low;
        high = top;
        run(Operation.CLAMP, a, a, target, rowCount, columns);
    }

    /** Row r of z = row r of a, times the only element of row r of {@code factors}. */
    public void scaleRows(Matrix a, Matrix factors, Matrix target, int rowCount, int columns) {
        run(Operation.SCALE_ROWS, a, factors, target, rowCount, columns);
    }

    /** Row r of z = row r of a, times {@code table[entryOfRow[r]]}. */
    public void scaleRows(Matrix a, float[] table, int[] entryOfRow, Matrix target, int rowCount, int columns) {
        weight = table;
        entries = entryOfRow;
        run(Operation.SCALE_BY_TABLE, a, a, target, rowCount, columns);
    }

    /** z = a, whatever the column layouts of both. */
    public void copy(Matrix a, Matrix target, int rowCount, int columns) {
        activate(Activation.NONE, a, target, rowCount, columns);
    }

    /** z = 0. */
    public void clear(Matrix target, int rowCount, int columns) {
        run(Operation.CLEAR, target, target, target, rowCount, columns);
    }

    private void run(Operation op, Matrix first, Matrix second, Matrix target, int rowCount, int columns) {
        operation = op;
        x = first;
        y = second;
        z = target;
        rows = rowCount;
        width = columns;
        workers.run(task, (long) rowCount * columns);
    }

    private void share(int worker, int all) {
        int from = (int) ((long) rows * worker / all);
        int to = (int) ((long) rows * (worker + 1) / all);
        MethodHandle segment = SEGMENTS[operation.ordinal()];
        for (int row = from; row < to; row++) {
            int column = 0;
            while (column < width) {
                int n = Math.min(width - column, Math.min(x.run(column), z.run(column)));
                n = operation == Operation.SCALE_ROWS ? n : Math.min(n, y.run(column));
                int factorColumn = operation == Operation.SCALE_ROWS ? 0 : column;
                run(segment, row, column, x.at(row, column), y.at(row, factorColumn), z.at(row, column), n);
                column += n;
            }
        }
    }

    private void run(MethodHandle segment, int row, int column, int xi, int yi, int zi, int n) {
        try {
            segment.invokeExact(this, row, column, xi, yi, zi, n);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    // ------------------------------------------- what each operation does to contiguous columns of a row

    private static void addSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.add(e.x.slab(), xi, e.y.slab(), yi, e.z.slab(), zi, n);
    }

    private static void addScaledSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.addScaled(e.factor, e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void multiplySegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.multiply(e.x.slab(), xi, e.y.slab(), yi, e.z.slab(), zi, n);
    }

    private static void scaleSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.scale(e.factor, e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void affineSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.affine(e.weight, e.bias, column, e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void activateSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.activate(e.activation, e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void gatedSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.activate(e.activation, e.x.slab(), xi, e.z.slab(), zi, n);
        e.math.multiply(e.z.slab(), zi, e.y.slab(), yi, e.z.slab(), zi, n);
    }

    private static void softCapSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.softCap(e.factor, e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void xieluSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.xielu(e.curve, e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void clampSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.clamp(e.factor, e.high, e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void scaleRowsSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.scale(e.y.slab().get(yi), e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void scaleByTableSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.math.scale(e.weight[e.entries[row]], e.x.slab(), xi, e.z.slab(), zi, n);
    }

    private static void clearSegment(Elementwise e, int row, int column, int xi, int yi, int zi, int n) {
        e.z.slab().clear(zi, n);
    }
}
