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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Evaluates expressions on whole arrays, element by element: what sliced reads are compared with. */
final class ReferenceExpression {

    /** A dense row-major array. */
    record Dense(int[] shape, float[] values) {

        float at(int[] index) {
            int flat = 0;
            for (int axis = 0; axis < shape.length; axis++) {
                flat = flat * shape[axis] + index[axis];
            }
            return values[flat];
        }

        /** An array of this shape whose element at an index the function gives. */
        static Dense fill(int[] shape, Function<int[], Float> element) {
            float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
            for (int flat = 0; flat < values.length; flat++) {
                values[flat] = element.apply(unravel(flat, shape));
            }
            return new Dense(shape, values);
        }

        /** The elements at the cross product of the index lists (null: the whole axis). */
        Dense slice(int[][] indices) {
            int[] sliced = new int[shape.length];
            for (int axis = 0; axis < shape.length; axis++) {
                sliced[axis] = indices[axis] == null ? shape[axis] : indices[axis].length;
            }
            return fill(sliced, index -> {
                int[] source = index.clone();
                for (int axis = 0; axis < source.length; axis++) {
                    source[axis] = indices[axis] == null ? index[axis] : indices[axis][index[axis]];
                }
                return at(source);
            });
        }
    }

    private ReferenceExpression() {}

    static Dense evaluate(WeightExpression weight, Map<String, Dense> tensors) {
        if (weight instanceof Tensor tensor) {
            return tensors.get(tensor.name());
        } else if (weight instanceof Permuted permuted) {
            Dense operand = evaluate(permuted.operand(), tensors);
            int[] shape = new int[operand.shape.length];
            for (int axis = 0; axis < shape.length; axis++) {
                shape[axis] = operand.shape[permuted.order().get(axis)];
            }
            return Dense.fill(shape, index -> {
                int[] source = new int[index.length];
                for (int axis = 0; axis < index.length; axis++) {
                    source[permuted.order().get(axis)] = index[axis];
                }
                return operand.at(source);
            });
        } else if (weight instanceof Reshaped reshaped) {
            Dense operand = evaluate(reshaped.operand(), tensors);
            return new Dense(
                    reshaped.shape().stream().mapToInt(Integer::intValue).toArray(), operand.values);
        } else if (weight instanceof Stacked stacked) {
            return stacked(stacked.operands().stream()
                    .map(operand -> evaluate(operand, tensors))
                    .toList());
        } else if (weight instanceof Concatenated joined) {
            return concatenated(
                    joined.axis(),
                    joined.operands().stream()
                            .map(operand -> evaluate(operand, tensors))
                            .toList());
        } else if (weight instanceof Picked picked) {
            Dense operand = evaluate(picked.operand(), tensors);
            int kept = operand.shape.length - picked.trailing().size();
            return Dense.fill(Arrays.copyOf(operand.shape, kept), index -> {
                int[] source = Arrays.copyOf(index, operand.shape.length);
                for (int axis = kept; axis < source.length; axis++) {
                    source[axis] = picked.trailing().get(axis - kept);
                }
                return operand.at(source);
            });
        } else if (weight instanceof Sliced sliced) {
            Dense operand = evaluate(sliced.operand(), tensors);
            int[] shape = operand.shape.clone();
            shape[sliced.axis()] = sliced.to() - sliced.from();
            return Dense.fill(shape, index -> {
                int[] source = index.clone();
                source[sliced.axis()] += sliced.from();
                return operand.at(source);
            });
        } else if (weight instanceof RowNormalised rows) {
            return normalised(evaluate(rows.operand(), tensors), rows.epsilon());
        }
        Affine affine = (Affine) weight;
        Dense operand = evaluate(affine.operand(), tensors);
        return Dense.fill(operand.shape, index -> (float) (affine.scale() * operand.at(index) + affine.shift()));
    }

    private static Dense stacked(List<Dense> operands) {
        int[] inner = operands.get(0).shape;
        int[] shape = new int[inner.length + 1];
        shape[0] = operands.size();
        System.arraycopy(inner, 0, shape, 1, inner.length);
        return Dense.fill(shape, index -> operands.get(index[0]).at(Arrays.copyOfRange(index, 1, index.length)));
    }

    private static Dense concatenated(int axis, List<Dense> operands) {
        int[] shape = operands.get(0).shape.clone();
        shape[axis] = operands.stream().mapToInt(operand -> operand.shape[axis]).sum();
        return Dense.fill(shape, index -> {
            int[] source = index.clone();
            List<Dense> rest = new ArrayList<>(operands);
            while (source[axis] >= rest.get(0).shape[axis]) {
                source[axis] -= rest.remove(0).shape[axis];
            }
            return rest.get(0).at(source);
        });
    }

    private static Dense normalised(Dense operand, double epsilon) {
        int width = operand.shape[operand.shape.length - 1];
        float[] values = new float[operand.values.length];
        for (int row = 0; row < values.length / Math.max(1, width); row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += Math.pow(operand.values[row * width + i], 2);
            }
            for (int i = 0; i < width; i++) {
                values[row * width + i] =
                        (float) (operand.values[row * width + i] / Math.max(epsilon, Math.sqrt(squares)));
            }
        }
        return new Dense(operand.shape, values);
    }

    private static int[] unravel(int flat, int[] shape) {
        int[] index = new int[shape.length];
        int rest = flat;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = rest % shape[axis];
            rest /= shape[axis];
        }
        return index;
    }
}
