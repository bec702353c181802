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

/**
 * Pulls a slice of an expression back to slices of the tensors it is made of. Every operation but the row norm only
 * moves elements, and scaling commutes with moving, so the result is boxes, a scale and a shift.
 */
final class PullBack {
    private final TensorLookup lookup;
    private final ExpressionShapes shapes;

    PullBack(TensorLookup lookup, ExpressionShapes shapes) {
        this.lookup = lookup;
        this.shapes = shapes;
    }

    /** Hands the boxes that make up {@code scale * weight[box] + shift} to {@code leaves}. */
    void pull(WeightExpression weight, Box box, double scale, double shift, Leaves leaves) {
        if (box.elements() == 0) {
            return;
        }
        if (weight instanceof Tensor tensor) {
            leaves.tensor(lookup.get(tensor.name(), "it"), box, scale, shift);
        } else if (weight instanceof Permuted permuted) {
            pull(permuted.operand(), unpermuted(permuted.order(), box), scale, shift, leaves);
        } else if (weight instanceof Reshaped reshaped) {
            for (Box part : unreshaped(reshaped, box)) {
                pull(reshaped.operand(), part, scale, shift, leaves);
            }
        } else if (weight instanceof Stacked stacked) {
            Axis stack = box.axes()[0];
            for (int i = 0; i < stack.count(); i++) {
                Axis[] rest = Arrays.copyOfRange(box.axes(), 1, box.axes().length);
                WeightExpression operand = stacked.operands().get((int) stack.source(i));
                pull(operand, new Box(rest, box.base() + stack.target(i)), scale, shift, leaves);
            }
        } else if (weight instanceof Concatenated joined) {
            concatenated(joined, box, scale, shift, leaves);
        } else if (weight instanceof Picked picked) {
            List<Axis> axes = new ArrayList<>(List.of(box.axes()));
            picked.trailing().forEach(index -> axes.add(Axis.single(index, 0)));
            pull(picked.operand(), new Box(axes.toArray(Axis[]::new), box.base()), scale, shift, leaves);
        } else if (weight instanceof Sliced sliced) {
            Axis shifted = box.axes()[sliced.axis()].sourced(1, sliced.from());
            pull(sliced.operand(), box.with(sliced.axis(), shifted), scale, shift, leaves);
        } else if (weight instanceof RowNormalised rows) {
            leaves.normalised(rows, box, scale, shift);
        } else {
            Affine affine = (Affine) weight;
            pull(affine.operand(), box, scale * affine.scale(), scale * affine.shift() + shift, leaves);
        }
    }

    private static Box unpermuted(List<Integer> order, Box box) {
        Axis[] axes = new Axis[order.size()];
        for (int i = 0; i < axes.length; i++) {
            axes[order.get(i)] = box.axes()[i];
        }
        return new Box(axes, box.base());
    }

    private void concatenated(Concatenated joined, Box box, double scale, double shift, Leaves leaves) {
        Axis whole = box.axes()[joined.axis()];
        long start = 0;
        int from = 0;
        for (WeightExpression operand : joined.operands()) {
            long end = start + shapes.of(operand)[joined.axis()];
            int to = whole.below(end);
            if (to > from) {
                Axis own = whole.slice(from, to).sourced(1, -start);
                pull(operand, box.with(joined.axis(), own), scale, shift, leaves);
            }
            from = to;
            start = end;
        }
    }

    /** Groups of neighbouring axes with equal products on both sides are merged and split on their own. */
    private List<Box> unreshaped(Reshaped reshaped, Box box) {
        int[] operand = reshaped.from().stream().mapToInt(Integer::intValue).toArray();
        List<Integer> shape = reshaped.shape();
        List<List<Axis>> boxes = List.of(List.of());
        int base = box.base();
        int mine = 0;
        int theirs = 0;
        while (mine < shape.size() || theirs < operand.length) {
            if (theirs == operand.length) {
                base += box.axes()[mine++].target(0); // An axis of length one that the operand lacks.
                continue;
            }
            if (mine == shape.size()) {
                boxes = crossed(boxes, List.<Axis[]>of(new Axis[] {Axis.single(0, 0)}));
                theirs++;
                continue;
            }
            Axis merged = box.axes()[mine];
            long product = shape.get(mine++);
            List<Integer> lengths = new ArrayList<>(List.of(operand[theirs]));
            long other = operand[theirs++];
            while (product != other) {
                if (product < other) {
                    merged = merged.merged(box.axes()[mine], shape.get(mine));
                    product *= shape.get(mine++);
                } else {
                    lengths.add(operand[theirs]);
                    other *= operand[theirs++];
                }
            }
            boxes = crossed(boxes, AxisSplit.split(merged, lengths));
        }
        List<Box> result = new ArrayList<>();
        for (List<Axis> axes : boxes) {
            result.add(new Box(axes.toArray(Axis[]::new), base));
        }
        return result;
    }

    private static List<List<Axis>> crossed(List<List<Axis>> boxes, List<Axis[]> choices) {
        List<List<Axis>> product = new ArrayList<>();
        for (List<Axis> axes : boxes) {
            for (Axis[] choice : choices) {
                List<Axis> longer = new ArrayList<>(axes);
                longer.addAll(List.of(choice));
                product.add(longer);
            }
        }
        return product;
    }
}
