package dev.lockstep.checkpoint;

/**
 * A slice: the cross product of its axes, with targets counted from {@code base}.
 *
 * @param axes one for each axis of the operand, in its order
 */
record Box(Axis[] axes, int base) {

    /** The slice of the given indices (null: whole axes), row-major and dense in the target. */
    static Box of(int[] shape, int[][] indices) {
        Axis[] axes = new Axis[shape.length];
        int step = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            axes[axis] = Axis.of(indices[axis], shape[axis], step);
            step *= axes[axis].count();
        }
        return new Box(axes, 0);
    }

    /** The same slice, row-major and dense in a target of its own. */
    Box dense() {
        Axis[] dense = new Axis[axes.length];
        int step = 1;
        for (int axis = axes.length - 1; axis >= 0; axis--) {
            dense[axis] = axes[axis].retargeted(step);
            step *= axes[axis].count();
        }
        return new Box(dense, 0);
    }

    Box with(int axis, Axis replaced) {
        Axis[] copy = axes.clone();
        copy[axis] = replaced;
        return new Box(copy, base);
    }

    long elements() {
        long elements = 1;
        for (Axis axis : axes) {
            elements *= axis.count();
        }
        return elements;
    }
}
