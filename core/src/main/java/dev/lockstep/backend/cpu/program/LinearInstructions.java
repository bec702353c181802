package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;

/** Linear maps, with the activation that follows where there is one. */
final class LinearInstructions {
    private LinearInstructions() {}

    private record Sort(LinearWeights.Sort weights, RowAxis rows, Activation activation) {}

    /** Every head's columns by its own matrix. */
    static Instruction headLinear(HeadMatrices weights, Operand in, Operand out) {
        return step -> weights.multiply(
                step.workers(), in.matrix(), step.rows(out.buffer().rows()), out.matrix());
    }

    /** @param activation the activation's node, or null */
    static RowByRow linear(LinearWeights weights, Operand in, Operand out, Node activation) {
        Activation function = activation == null
                ? Activation.NONE
                : RowInstructions.activation(((Op.Activate) activation.op()).function());
        Sort sort =
                weights == null ? null : new Sort(weights.sort(), out.buffer().rows(), function);
        return new RowByRow() {
            @Override
            public void run(StepState step) {
                int rows = step.rows(out.buffer().rows());
                weights.multiply(step, step.matrix(in), rows, step.matrix(out), function);
            }

            @Override
            public void begin() {
                weights.beginTiles();
            }

            @Override
            public void prepare(StepState step, int rows) {
                weights.prepareTile(step, in.matrix(), rows, out.matrix(), function);
            }

            @Override
            public long weights() {
                return (long) in.width() * out.width();
            }

            @Override
            public Object sort() {
                return sort;
            }
        };
    }
}
