package dev.lockstep.architecture;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.checkpoint.WeightExpression.Affine;
import dev.lockstep.checkpoint.WeightExpression.Concatenated;
import dev.lockstep.checkpoint.WeightExpression.Permuted;
import dev.lockstep.checkpoint.WeightExpression.Picked;
import dev.lockstep.checkpoint.WeightExpression.Reshaped;
import dev.lockstep.checkpoint.WeightExpression.RowNormalised;
import dev.lockstep.checkpoint.WeightExpression.Sliced;
import dev.lockstep.checkpoint.WeightExpression.Stacked;
import dev.lockstep.checkpoint.WeightExpression.Tensor;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A file tensor behind a weight of a graph.
 *
 * @param name the published name
 * @param shape as the file has it
 */
record StoredWeight(String name, List<Integer> shape) {

    /** All tensors that a weight is made of, in order. */
    static List<StoredWeight> of(Weight weight) {
        List<StoredWeight> found = new ArrayList<>();
        collect(weight.expression(), list(weight.shape()), found);
        return found;
    }

    private static void collect(WeightExpression expression, List<Integer> shape, List<StoredWeight> found) {
        if (expression instanceof Tensor tensor) {
            found.add(new StoredWeight(tensor.name(), shape));
        } else if (expression instanceof Permuted permuted) {
            Integer[] before = new Integer[shape.size()];
            for (int axis = 0; axis < before.length; axis++) {
                before[permuted.order().get(axis)] = shape.get(axis);
            }
            collect(permuted.operand(), List.of(before), found);
        } else if (expression instanceof Reshaped reshaped) {
            collect(reshaped.operand(), reshaped.from(), found);
        } else if (expression instanceof Stacked stacked) {
            stacked.parts().forEach(part -> collect(part, shape.subList(1, shape.size()), found));
        } else if (expression instanceof Concatenated joined) {
            joined.parts().forEach(part -> collect(part, known(part), found));
        } else if (expression instanceof Picked picked) {
            collect(picked.operand(), known(picked.operand()), found);
        } else if (expression instanceof Sliced sliced) {
            collect(sliced.operand(), known(sliced.operand()), found);
        } else if (expression instanceof RowNormalised rows) {
            collect(rows.operand(), shape, found);
        } else {
            collect(((Affine) expression).operand(), shape, found);
        }
    }

    /** The shape of an expression that says it itself. */
    private static List<Integer> known(WeightExpression expression) {
        if (expression instanceof Reshaped reshaped) {
            return reshaped.shape();
        }
        if (expression instanceof Permuted permuted) {
            List<Integer> operand = known(permuted.operand());
            return permuted.order().stream().map(operand::get).toList();
        }
        if (expression instanceof Sliced sliced) {
            List<Integer> shape = new ArrayList<>(known(sliced.operand()));
            shape.set(sliced.axis(), sliced.to() - sliced.from());
            return shape;
        }
        throw new IllegalArgumentException("a part is taken of " + expression
                + ", whose shape nothing tells: use WeightExpression.tensor(name, shape)");
    }

    private static List<Integer> list(int[] shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
