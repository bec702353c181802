package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Element-wise operations on {@code [rows, width]} matrices of any column layout, split over rows. A target may be one
 * of the inputs. One object per rank; not for several threads at once.
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
        CLAMP,
        SCALE_ROWS,
        SCALE_BY_TABLE,
        CLEAR
    }

    private final Workers workers;
    private final RowMath math;
    private final Workers.Task task = this::share;
    private Operation operation;
    private Activation activation = Activation.NONE;
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

    /** z += a. */
    public void addInto(Matrix a, Matrix target, int rowCount, int columns) {
        run(Operation.ADD, a, target, target, rowCount, columns);
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

    /** z += columnBias in every row. */
    public void addBias(float[] columnBias, Matrix target, int rowCount, int columns) {
        affine(target, null, columnBias, target, rowCount, columns);
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

    /** z = a held within [low, top]. */
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
        for (int row = from; row < to; row++) {
            int column = 0;
            while (column < width) {
                int n = Math.min(width - column, Math.min(x.run(column), z.run(column)));
                n = operation == Operation.SCALE_ROWS ? n : Math.min(n, y.run(column));
                segment(row, column, n);
                column += n;
            }
        }
    }

    private void segment(int row, int column, int n) {
        int xi = x.at(row, column);
        int yi = y.at(row, operation == Operation.SCALE_ROWS ? 0 : column);
        int zi = z.at(row, column);
        switch (operation) {
            case ADD -> math.add(x.slab(), xi, y.slab(), yi, z.slab(), zi, n);
            case ADD_SCALED -> math.addScaled(factor, x.slab(), xi, z.slab(), zi, n);
            case MULTIPLY -> math.multiply(x.slab(), xi, y.slab(), yi, z.slab(), zi, n);
            case SCALE -> math.scale(factor, x.slab(), xi, z.slab(), zi, n);
            case AFFINE -> math.affine(weight, bias, column, x.slab(), xi, z.slab(), zi, n);
            case ACTIVATE -> math.activate(activation, x.slab(), xi, z.slab(), zi, n);
            case GATED -> {
                math.activate(activation, x.slab(), xi, z.slab(), zi, n);
                math.multiply(z.slab(), zi, y.slab(), yi, z.slab(), zi, n);
            }
            case SOFT_CAP -> math.softCap(factor, x.slab(), xi, z.slab(), zi, n);
            case CLAMP -> math.clamp(factor, high, x.slab(), xi, z.slab(), zi, n);
            case SCALE_ROWS -> math.scale(y.slab().get(yi), x.slab(), xi, z.slab(), zi, n);
            case SCALE_BY_TABLE -> math.scale(weight[entries[row]], x.slab(), xi, z.slab(), zi, n);
            case CLEAR -> z.slab().clear(zi, n);
        }
    }
}
