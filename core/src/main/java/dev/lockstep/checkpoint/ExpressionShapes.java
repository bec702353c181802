package dev.lockstep.checkpoint;

import dev.lockstep.checkpoint.WeightExpression.Affine;
import dev.lockstep.checkpoint.WeightExpression.Concatenated;
import dev.lockstep.checkpoint.WeightExpression.Permuted;
import dev.lockstep.checkpoint.WeightExpression.Picked;
import dev.lockstep.checkpoint.WeightExpression.Reshaped;
import dev.lockstep.checkpoint.WeightExpression.RowNormalised;
import dev.lockstep.checkpoint.WeightExpression.Sliced;
import dev.lockstep.checkpoint.WeightExpression.Stacked;
import dev.lockstep.checkpoint.WeightExpression.Tensor;
import java.util.Arrays;
import java.util.List;

/** The shapes of expressions, from the shapes of the tensors in the files. */
final class ExpressionShapes {
    private final TensorLookup lookup;

    ExpressionShapes(TensorLookup lookup) {
        this.lookup = lookup;
    }

    /**
     * Checks that an expression has the shape a model declares.
     *
     * @throws CheckpointException naming the tensor, its file, the shape found and the one expected
     */
    void check(WeightExpression weight, int[] expected) {
        int[] found = of(weight, expected);
        if (!Arrays.equals(found, expected)) {
            StoredTensor tensor = lookup.get(weight.displayName(), "it");
            String stored = tensor.info().shape().toString();
            String seen = Arrays.toString(found);
            throw new CheckpointException(described(tensor) + " has shape " + stored
                    + (stored.equals(seen) ? "" : ", which gives " + seen) + ", expected " + Arrays.toString(expected));
        }
    }

    /** The shape of an expression whose operands fit together. */
    int[] of(WeightExpression weight) {
        return of(weight, null);
    }

    /** @param expected what is known of the shape it should have, for messages; null if nothing */
    private int[] of(WeightExpression weight, int[] expected) {
        if (weight instanceof Tensor tensor) {
            String shape = expected == null ? "a part of a weight" : "one of shape " + Arrays.toString(expected);
            return ints(lookup.get(tensor.name(), shape).info().shape());
        } else if (weight instanceof Permuted permuted) {
            return permuted(permuted, expected);
        } else if (weight instanceof Reshaped reshaped) {
            int[] from = ints(reshaped.from());
            int[] operand = of(reshaped.operand(), from);
            require(
                    Arrays.equals(operand, from),
                    weight,
                    operand,
                    reshaped.from().toString());
            int[] shape = ints(reshaped.shape());
            if (product(from) != product(shape)) {
                throw new IllegalArgumentException(weight + " has other sizes before and after");
            }
            return shape;
        } else if (weight instanceof Stacked stacked) {
            int[] inner =
                    expected == null || expected.length == 0 ? null : Arrays.copyOfRange(expected, 1, expected.length);
            int[] first = of(stacked.operands().get(0), inner);
            for (WeightExpression operand : stacked.operands()) {
                int[] shape = of(operand, inner);
                require(Arrays.equals(first, shape), operand, shape, Arrays.toString(first) + ", as its siblings have");
            }
            int[] shape = new int[first.length + 1];
            shape[0] = stacked.operands().size();
            System.arraycopy(first, 0, shape, 1, first.length);
            return shape;
        } else if (weight instanceof Concatenated joined) {
            return concatenated(joined);
        } else if (weight instanceof Picked picked) {
            return picked(picked);
        } else if (weight instanceof Sliced sliced) {
            return sliced(sliced);
        } else if (weight instanceof RowNormalised rows) {
            int[] shape = of(rows.operand(), expected);
            require(shape.length > 0, rows, shape, "at least one axis");
            return shape;
        }
        return of(((Affine) weight).operand(), expected);
    }

    private int[] permuted(Permuted permuted, int[] expected) {
        List<Integer> order = permuted.order();
        int[] wanted = null;
        if (expected != null && expected.length == order.size()) {
            wanted = new int[order.size()];
            for (int i = 0; i < wanted.length; i++) {
                wanted[order.get(i)] = expected[i];
            }
        }
        int[] operand = of(permuted.operand(), wanted);
        require(operand.length == order.size(), permuted, operand, order.size() + " axes");
        int[] shape = new int[operand.length];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = operand[order.get(i)];
        }
        return shape;
    }

    private int[] concatenated(Concatenated joined) {
        int axis = joined.axis();
        int[] whole = null;
        for (WeightExpression operand : joined.operands()) {
            int[] shape = of(operand);
            require(axis < shape.length, operand, shape, "more than " + axis + " axes");
            if (whole == null) {
                whole = shape;
                continue;
            }
            int length = Math.addExact(whole[axis], shape[axis]);
            whole[axis] = shape[axis];
            require(
                    Arrays.equals(whole, shape),
                    operand,
                    shape,
                    Arrays.toString(whole) + " but for axis " + axis + ", as its siblings have");
            whole[axis] = length;
        }
        return whole;
    }

    private int[] sliced(Sliced sliced) {
        int[] shape = of(sliced.operand());
        require(
                sliced.axis() < shape.length
                        && sliced.from() >= 0
                        && sliced.from() <= sliced.to()
                        && sliced.to() <= shape[sliced.axis()],
                sliced,
                shape,
                "at least " + sliced.to() + " indices on axis " + sliced.axis());
        shape[sliced.axis()] = sliced.to() - sliced.from();
        return shape;
    }

    private int[] picked(Picked picked) {
        int[] operand = of(picked.operand());
        int kept = operand.length - picked.trailing().size();
        require(kept >= 0, picked, operand, "at least " + picked.trailing().size() + " axes");
        for (int i = kept; i < operand.length; i++) {
            int index = picked.trailing().get(i - kept);
            require(index >= 0 && index < operand[i], picked, operand, "more than " + index + " on axis " + i);
        }
        return Arrays.copyOf(operand, kept);
    }

    private void require(boolean holds, WeightExpression weight, int[] found, String expected) {
        if (!holds) {
            StoredTensor tensor = lookup.get(weight.displayName(), "it");
            throw new CheckpointException(described(tensor) + " has shape "
                    + tensor.info().shape()
                    + (Arrays.equals(ints(tensor.info().shape()), found)
                            ? ""
                            : ", which gives " + Arrays.toString(found))
                    + ", expected " + expected);
        }
    }

    private String described(StoredTensor tensor) {
        return lookup.location() + "/" + tensor.info().file() + ": tensor "
                + tensor.info().name();
    }

    private static int[] ints(List<Integer> shape) {
        return shape.stream().mapToInt(Integer::intValue).toArray();
    }

    private static long product(int[] shape) {
        long product = 1;
        for (int length : shape) {
            product *= length;
        }
        return product;
    }
}
