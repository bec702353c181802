package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.Norms;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;

/** Instructions that work row by row. */
final class RowInstructions {
    private RowInstructions() {}

    /** @param held the table's entries that this rank holds, ascending; rows of others yield zero */
    static Instruction lookup(RowTable table, int[] held, Op.Lookup lookup, RowAxis rows, Operand out) {
        Matrix target = out.matrix();
        return step -> {
            int[] ids = step.indices(lookup);
            step.kernels().embedding().gather(table, held, ids, target, step.rows(rows), false);
        };
    }

    static Instruction add(Operand first, Operand second, Operand out) {
        return step -> step.kernels()
                .elementwise()
                .add(first.matrix(), second.matrix(), out.matrix(), rows(step, out), out.width());
    }

    static Instruction multiply(Operand first, Operand second, Operand out) {
        return step -> step.kernels()
                .elementwise()
                .multiply(first.matrix(), second.matrix(), out.matrix(), rows(step, out), out.width());
    }

    static Instruction scale(Operand in, Operand out, double factor) {
        return step -> step.kernels()
                .elementwise()
                .scale(in.matrix(), (float) factor, out.matrix(), rows(step, out), out.width());
    }

    static Instruction activate(Operand in, Operand out, ActivationFunction function) {
        Activation activation = activation(function);
        return step -> step.kernels()
                .elementwise()
                .activate(activation, in.matrix(), out.matrix(), rows(step, out), out.width());
    }

    static Instruction copy(Operand in, Operand out) {
        return step -> step.kernels().elementwise().copy(in.matrix(), out.matrix(), rows(step, out), out.width());
    }

    /** Columns in any order; slow, for layouts that no view can express. */
    static Instruction gatherColumns(Operand in, int[] columns, Operand out) {
        return step -> {
            int rows = rows(step, out);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns.length; column++) {
                    out.matrix().set(row, column, in.matrix().get(row, columns[column]));
                }
            }
        };
    }

    /** Rows whose outputs are asked for, or the first row of each sequence. */
    static Instruction pick(Operand in, Operand out, RowAxis rows) {
        return step -> {
            int count = step.rows(rows);
            for (int row = 0; row < count; row++) {
                int source = step.sourceRow(rows, row);
                Matrix from = in.matrix();
                Matrix to = out.matrix();
                if (in.isPlain()) {
                    to.slab().copy(to.at(row, 0), from.slab(), from.at(source, 0), out.width());
                } else {
                    for (int column = 0; column < out.width(); column++) {
                        to.set(row, column, from.get(source, column));
                    }
                }
            }
        };
    }

    static Instruction norm(Op.Norm norm, NormWeights weights, Operand in, Operand out) {
        Norms.Kind kind = normKind(norm.kind());
        return step -> step.kernels()
                .norms()
                .apply(
                        kind,
                        in.matrix(),
                        out.matrix(),
                        rows(step, out),
                        1,
                        out.width(),
                        weights.scale(),
                        weights.shift(),
                        (float) norm.epsilon());
    }

    static Norms.Kind normKind(Op.NormKind kind) {
        return kind == Op.NormKind.LAYER ? Norms.Kind.LAYER : Norms.Kind.RMS;
    }

    private static int rows(StepState step, Operand operand) {
        return step.rows(operand.buffer().rows());
    }

    /** The kernel's name for a function of the graph. */
    static Activation activation(ActivationFunction function) {
        return function == ActivationFunction.IDENTITY ? Activation.NONE : Activation.valueOf(function.name());
    }

    /** Which of a step's arrays a look-up is indexed by. */
    static int[] indices(StepInput input, Op.IndexSource source) {
        switch (source) {
            case TOKENS:
                return input.tokenIds;
            case POSITIONS:
                return input.positions;
            default:
                return input.tokenTypes;
        }
    }
}
