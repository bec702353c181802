package dev.lockstep.architecture;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.Weight;
import java.util.List;

/**
 * The file tensor behind a weight of a graph: expressions that only move elements are undone.
 *
 * @param name the published name
 * @param shape as the file has it
 */
record StoredWeight(String name, List<Integer> shape) {

    static StoredWeight of(Weight weight) {
        int[] shape = weight.shape();
        WeightExpression expression = weight.expression();
        while (expression instanceof WeightExpression.Permuted permuted) {
            int[] before = new int[shape.length];
            for (int axis = 0; axis < shape.length; axis++) {
                before[permuted.order().get(axis)] = shape[axis];
            }
            shape = before;
            expression = permuted.operand();
        }
        if (!(expression instanceof WeightExpression.Tensor tensor)) {
            throw new IllegalArgumentException(weight.name() + " is no tensor of the files but " + expression);
        }
        return new StoredWeight(
                tensor.name(), java.util.Arrays.stream(shape).boxed().toList());
    }
}
