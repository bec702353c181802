package dev.lockstep.backend.cpu.memory;

/**
 * A view of fp32 rows in a slab. Column {@code c} of row {@code r} is at float
 * {@code offset + r * rowStride + (c / inner) * outerStride + c % inner}. A selection of columns of a wider matrix,
 * such as the query part of every head of a fused projection, is thus a view and needs no copy. A plain matrix has
 * contiguous columns. A view can be re-pointed between calls, so that hot paths allocate nothing. The slab's owner
 * closes the slab.
 */
public final class Matrix {

    private Slab slab;
    private int offset;
    private int rowStride;
    private int inner;
    private int outerStride;

    /** A matrix with contiguous columns; offset and row stride in floats. */
    public Matrix(Slab slab, int offset, int rowStride) {
        point(slab, offset, rowStride);
    }

    /** A matrix whose columns form runs of {@code inner} floats that start {@code outerStride} floats apart. */
    public Matrix(Slab slab, int offset, int rowStride, int inner, int outerStride) {
        point(slab, offset, rowStride, inner, outerStride);
    }

    /** Re-points this view to contiguous columns; returns this view. */
    public Matrix point(Slab newSlab, int newOffset, int newRowStride) {
        return point(newSlab, newOffset, newRowStride, Integer.MAX_VALUE, 0);
    }

    /** Re-points this view to runs of columns; returns this view. */
    public Matrix point(Slab newSlab, int newOffset, int newRowStride, int newInner, int newOuterStride) {
        if (newInner < 1) {
            throw new IllegalArgumentException("a run of columns holds at least one, found inner=" + newInner);
        }
        slab = newSlab;
        offset = newOffset;
        rowStride = newRowStride;
        inner = newInner;
        outerStride = newOuterStride;
        return this;
    }

    public Slab slab() {
        return slab;
    }

    /** Floats before row 0, column 0. */
    public int offset() {
        return offset;
    }

    /** Floats from the start of a row to the start of the next. */
    public int rowStride() {
        return rowStride;
    }

    /** Columns of a contiguous run; {@link Integer#MAX_VALUE} for plain matrices. */
    public int inner() {
        return inner;
    }

    /** Floats from the start of a run to the start of the next. */
    public int outerStride() {
        return outerStride;
    }

    /** Whether a matrix of this many columns is contiguous within each row. */
    public boolean isPlain(int width) {
        return inner >= width || inner == outerStride;
    }

    /** The float index of an element in the slab. */
    public int at(int row, int column) {
        return column < inner
                ? offset + row * rowStride + column
                : offset + row * rowStride + column / inner * outerStride + column % inner;
    }

    /** The number of contiguous columns starting at this one. */
    public int run(int column) {
        if (inner == Integer.MAX_VALUE || inner == outerStride) {
            return Integer.MAX_VALUE;
        }
        return inner - column % inner;
    }

    /** Reads one element; for tests and rare paths. */
    public float get(int row, int column) {
        return slab.get(at(row, column));
    }

    /** Writes one element; for tests and rare paths. */
    public void set(int row, int column, float value) {
        slab.set(at(row, column), value);
    }
}
