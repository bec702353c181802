package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.RowAxis;

/** Linear maps, including a following activation, if any. */
final class LinearInstructions {
    private LinearInstructions() {}

    private record MemoryKey(LinearWeights.MemoryKey weights, RowAxis rows, Activation activation) {}

    /** Multiplies the columns of every head by its own matrix. */
    static Instruction headLinear(HeadMatrices weights, Operand in, Operand out) {
        return step -> weights.multiply(step.workers(), in.matrix(), step.rows(out.rows()), out.matrix());
    }

    /** @param activation {@code IDENTITY} for none */
    static RowByRow linear(LinearWeights weights, Operand in, Operand out, ActivationFunction activation) {
        Activation function = RowInstructions.activation(activation);
        MemoryKey memoryKey = new MemoryKey(weights.memoryKey(), out.rows(), function);
        return new RowByRow() {
            @Override
            public void run(StepState step) {
                int rows = step.rows(out.rows());
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
            public Object memoryKey() {
                return memoryKey;
            }
        };
    }
}
