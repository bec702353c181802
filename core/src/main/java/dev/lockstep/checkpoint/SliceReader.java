package dev.lockstep.checkpoint;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;

/** Reads slices of expressions: checks their shapes, pulls them back to ranges of the files, and reads those. */
final class SliceReader implements WeightReader {
    private final ExpressionShapes shapes;
    private final PullBack pullBack;
    private final HeldSlices held;
    private final WindowReader windows;
    /** Shapes that were found right: a mixture is one expression over all experts, read expert by expert. */
    private final Map<WeightExpression, int[]> checked = new IdentityHashMap<>();

    SliceReader(TensorLookup lookup, ReadPolicy policy) {
        shapes = new ExpressionShapes(lookup);
        pullBack = new PullBack(lookup, shapes);
        held = new HeldSlices(pullBack);
        windows = new WindowReader(policy);
    }

    @Override
    public void read(WeightExpression weight, int[] shape, int[][] indices, FloatBuffer target) {
        if (!Arrays.equals(checked.get(weight), shape)) {
            shapes.check(weight, shape);
            checked.put(weight, shape.clone());
        }
        checkIndices(weight, shape, indices);
        int elements = elements(weight, shape, indices, target);
        Box box = Box.of(shape, indices);
        pullBack.pull(weight, box, 1, 0, held);
        pullBack.pull(weight, box, 1, 0, new Pass(target, target.position()));
        target.position(target.position() + elements);
    }

    private static int elements(WeightExpression weight, int[] shape, int[][] indices, FloatBuffer target) {
        long elements = 1;
        for (int axis = 0; axis < shape.length; axis++) {
            long length = indices[axis] == null ? shape[axis] : indices[axis].length;
            if (length == 0) {
                return 0;
            }
            // Two ints multiply without overflow, and what is past the target's room stays past it.
            elements = Math.min(elements, Integer.MAX_VALUE) * length;
        }
        if (elements > target.remaining()) {
            throw new IllegalArgumentException("a slice of " + weight.displayName() + " has at least " + elements
                    + " elements, but the target has room for " + target.remaining());
        }
        return (int) elements;
    }

    private static void checkIndices(WeightExpression weight, int[] shape, int[][] indices) {
        boolean sound = indices.length == shape.length;
        for (int axis = 0; sound && axis < shape.length; axis++) {
            int before = -1;
            int[] list = indices[axis] == null ? new int[0] : indices[axis];
            for (int i = 0; sound && i < list.length; i++) {
                sound = list[i] > before && list[i] < shape[axis];
                before = list[i];
            }
        }
        if (!sound) {
            throw new IllegalArgumentException("the index lists of " + weight.displayName() + " must be " + shape.length
                    + ", ascending, and inside " + Arrays.toString(shape));
        }
    }

    @Override
    public Map<String, Long> usefulBytes() {
        return Collections.unmodifiableMap(held.bytes());
    }

    @Override
    public long readBytes() {
        return windows.readBytes();
    }

    /** The files belong to the checkpoint. */
    @Override
    public void close() {}

    /** One reading pass into one target, with positions counted from {@code origin}. */
    private final class Pass implements Leaves {
        private final FloatBuffer target;
        private final int origin;

        Pass(FloatBuffer target, int origin) {
            this.target = target;
            this.origin = origin;
        }

        @Override
        public void tensor(StoredTensor tensor, Box box, double scale, double shift) {
            windows.read(tensor, box, scale, shift, target, origin);
        }

        @Override
        public void normalised(WeightExpression.RowNormalised rows, Box box, double scale, double shift) {
            int last = box.axes().length - 1;
            int width = shapes.of(rows)[last];
            for (Box part : NormalisedRows.parts(box, width)) {
                Box whole = part.with(last, Axis.of(null, width, 1)).dense();
                FloatBuffer operand = FloatBuffer.allocate((int) whole.elements());
                pullBack.pull(rows.operand(), whole, 1, 0, new Pass(operand, 0));
                new NormalisedRows(operand.array(), width, rows.epsilon(), scale, shift).put(part, target, origin);
            }
        }
    }
}
