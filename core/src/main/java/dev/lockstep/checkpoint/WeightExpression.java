package dev.lockstep.checkpoint;

import java.util.List;

/**
 * A model weight as an expression over the tensors of a checkpoint's files. Shapes are row-major; an expression never
 * holds data. A slice of the result (one ascending index list per axis) is pulled back through the expression to ranges
 * of the files, so that a rank reads only what it holds.
 */
public sealed interface WeightExpression {

    /** A tensor of the files, under the name the checkpoint publishes (see {@link TensorNames} for its variants). */
    record Tensor(String name) implements WeightExpression {}

    /** The operand with its axes permuted: axis {@code i} of the result is axis {@code order.get(i)} of the operand. */
    record Permuted(WeightExpression operand, List<Integer> order) implements WeightExpression {}

    /**
     * The operand's elements, in row-major order, under another shape of the same size.
     *
     * @param from the operand's own shape, by which a tensor of the wrong shape is detected
     */
    record Reshaped(WeightExpression operand, List<Integer> from, List<Integer> shape) implements WeightExpression {
        public Reshaped {
            from = List.copyOf(from);
            shape = List.copyOf(shape);
        }
    }

    /** Operands of one shape under a new leading axis: per-expert tensors, per-head norms. */
    record Stacked(List<WeightExpression> parts) implements WeightExpression {}

    /** Operands joined along an existing axis. */
    record Concatenated(int axis, List<WeightExpression> parts) implements WeightExpression {}

    /** The part of the operand at the given indices of its last axes, which disappear. */
    record Picked(WeightExpression operand, List<Integer> trailing) implements WeightExpression {}

    /** The operand's indices {@code [from, to)} of one axis. */
    record Sliced(WeightExpression operand, int axis, int from, int to) implements WeightExpression {}

    /** Every row (last axis) divided by its L2 norm, with the norm held at {@code epsilon} at least. */
    record RowNormalised(WeightExpression operand, double epsilon) implements WeightExpression {}

    /** {@code scale * operand + shift}, element by element: gemma's 1 + w. */
    record Affine(WeightExpression operand, double scale, double shift) implements WeightExpression {}

    static WeightExpression tensor(String name) {
        return new Tensor(name);
    }

    /** A tensor of a known shape: what slices and picks are taken of. */
    static WeightExpression tensor(String name, Integer... shape) {
        return new Reshaped(new Tensor(name), List.of(shape), List.of(shape));
    }

    /** A matrix stored as [in, out], seen as [out, in]: the Conv1D layout of GPT-2. */
    static WeightExpression transposed(String name) {
        return new Permuted(new Tensor(name), List.of(1, 0));
    }

    /** What the expression is made of; empty for a tensor. */
    default List<WeightExpression> operands() {
        if (this instanceof Permuted permuted) {
            return List.of(permuted.operand());
        } else if (this instanceof Reshaped reshaped) {
            return List.of(reshaped.operand());
        } else if (this instanceof Picked picked) {
            return List.of(picked.operand());
        } else if (this instanceof Sliced sliced) {
            return List.of(sliced.operand());
        } else if (this instanceof RowNormalised normalised) {
            return List.of(normalised.operand());
        } else if (this instanceof Affine affine) {
            return List.of(affine.operand());
        } else if (this instanceof Stacked stacked) {
            return stacked.parts();
        }
        return this instanceof Concatenated concatenated ? concatenated.parts() : List.of();
    }

    /** The published names of all tensors it reads, in order. */
    default List<String> tensorNames() {
        if (this instanceof Tensor tensor) {
            return List.of(tensor.name());
        }
        return operands().stream()
                .flatMap(operand -> operand.tensorNames().stream())
                .toList();
    }

    /** The published name of the first tensor this expression reads: what errors and reports call the weight. */
    default String displayName() {
        WeightExpression first = this;
        while (!(first instanceof Tensor)) {
            first = first.operands().get(0);
        }
        return ((Tensor) first).name();
    }
}
