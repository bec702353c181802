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
    static Instruction linear(LinearWeights weights, Operand in, Operand out, Node activation) {
        Activation function = activation == null
                ? Activation.NONE
                : RowInstructions.activation(((Op.Activate) activation.op()).function());
        Instruction multiply = step ->
                weights.multiply(step, in.matrix(), step.rows(out.buffer().rows()), out.matrix(), function);
        return multiply.of(
                weights == null ? null : new Sort(weights.sort(), out.buffer().rows(), function));
    }
}
