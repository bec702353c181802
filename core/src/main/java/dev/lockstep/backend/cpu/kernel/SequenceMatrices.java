package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.lowering.SequencePlan;
import dev.lockstep.graph.SequenceBody;
import java.util.Arrays;
import java.util.List;

/** One worker's dense matrices of one sequence and head after the other: {@link SequenceBody}. */
public final class SequenceMatrices {
    private final SequenceBody body;
    private final SequencePlan plan;
    private final RowDots dots = RowDots.best();
    private final TileMath math = TileMath.best();
    private float[] memory = new float[0];
    /** Cosines of one turn in so many steps, and sines. */
    private float[] cosines = new float[0];

    private float[] sines = new float[0];

    public SequenceMatrices(SequenceBody body) {
        this.body = body;
        this.plan = new SequencePlan(body);
    }

    /**
     * Computes a head of a sequence.
     *
     * @param inputs plain [rows, heads * width] each
     * @param from the sequence's first row in them
     * @param out plain [rows, heads * width of the result]
     */
    public void run(List<Matrix> inputs, int from, int rows, int head, Matrix out) {
        plan.fit(rows);
        if (memory.length < plan.floats()) {
            memory = new float[Math.toIntExact(Math.max(plan.floats(), 2L * memory.length))];
        }
        int last = body.values().size() - 1;
        for (int value = 0; value <= last; value++) {
            compute(value, inputs, from, head);
        }
        int width = plan.columns(last);
        for (int row = 0; row < rows; row++) {
            out.slab().put(out.at(from + row, head * width), memory, plan.offset(last) + row * width, width);
        }
    }

    private void compute(int value, List<Matrix> inputs, int from, int head) {
        SequenceBody.Local local = body.values().get(value);
        if (local instanceof SequenceBody.Input input) {
            Matrix matrix = inputs.get(input.number());
            for (int row = 0; row < plan.rows(value); row++) {
                int at = matrix.at(from + row, head * input.width());
                matrix.slab().get(at, memory, plan.offset(value) + row * input.width(), input.width());
            }
        } else if (local instanceof SequenceBody.Fourier fourier) {
            fourier(value, fourier.sines());
        } else if (local instanceof SequenceBody.Product product) {
            product(value, product);
        } else if (local instanceof SequenceBody.Sum sum) {
            sum(value, sum);
        } else {
            softmax(value, (SequenceBody.Softmax) local);
        }
    }

    private void fourier(int value, boolean sine) {
        int extent = plan.rows(value);
        if (cosines.length != extent) {
            cosines = new float[extent];
            sines = new float[extent];
            for (int i = 0; i < extent; i++) {
                cosines[i] = (float) Math.cos(2 * Math.PI * i / extent);
                sines[i] = (float) Math.sin(2 * Math.PI * i / extent);
            }
        }
        float[] table = sine ? sines : cosines;
        for (int j = 0; j < extent; j++) {
            int at = plan.offset(value) + j * extent;
            int turn = 0;
            for (int k = 0; k < extent; k++) {
                memory[at + k] = table[turn];
                turn += j;
                turn -= turn >= extent ? extent : 0;
            }
        }
    }

    private void product(int value, SequenceBody.Product product) {
        int inner = plan.columns(product.left());
        int columns = plan.columns(value);
        int left = plan.offset(product.left());
        int right = plan.offset(product.right());
        for (int row = 0; row < plan.rows(value); row++) {
            int at = plan.offset(value) + row * columns;
            if (product.transposed()) {
                dots.dots(memory, left + row * inner, memory, right, inner, columns, inner, memory, at);
            } else {
                Arrays.fill(memory, at, at + columns, 0);
                math.accumulate(
                        memory, left + row * inner, 0, 1, inner, memory, right, columns, columns, memory, at, 0);
            }
        }
    }

    private void sum(int value, SequenceBody.Sum sum) {
        int count = plan.rows(value) * plan.columns(value);
        int at = plan.offset(value);
        int left = plan.offset(sum.left());
        int right = plan.offset(sum.right());
        float leftFactor = (float) sum.leftFactor();
        float rightFactor = (float) sum.rightFactor();
        for (int i = 0; i < count; i++) {
            memory[at + i] = leftFactor * memory[left + i] + rightFactor * memory[right + i];
        }
    }

    private void softmax(int value, SequenceBody.Softmax softmax) {
        int columns = plan.columns(value);
        int from = plan.offset(softmax.of());
        for (int row = 0; row < plan.rows(value); row++) {
            int at = plan.offset(value) + row * columns;
            for (int i = 0; i < columns; i++) {
                memory[at + i] = (float) softmax.scale() * memory[from + row * columns + i];
            }
            float most = math.max(memory, at, at + columns);
            float mass = math.expSum(memory, at, at + columns, most);
            for (int i = at; i < at + columns; i++) {
                memory[i] /= mass;
            }
        }
    }
}
