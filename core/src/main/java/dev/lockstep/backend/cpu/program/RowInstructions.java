package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.Norms;
import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.kernel.Xielu;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.lowering.PositionTable;
import dev.lockstep.backend.lowering.SinusoidTable;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.PositionFactor;
import dev.lockstep.graph.RowAxis;

/** Instructions that work row by row. */
final class RowInstructions {
    private RowInstructions() {}

    /** @param held the table's entries that this rank holds, ascending; other entries give zero */
    static Instruction lookup(RowTable table, int[] held, Op.Lookup lookup, RowAxis rows, Operand out) {
        Matrix target = out.matrix();
        return step -> {
            int[] ids = step.indices(lookup, rows);
            step.kernels().embedding().gather(table, held, ids, target, step.rows(rows));
        };
    }

    static RowByRow add(Operand first, Operand second, Operand out) {
        return step -> step.kernels()
                .elementwise()
                .add(step.matrix(first), step.matrix(second), step.matrix(out), rows(step, out), out.width());
    }

    static RowByRow multiply(Operand first, Operand second, Operand out) {
        return step -> step.kernels()
                .elementwise()
                .multiply(step.matrix(first), step.matrix(second), step.matrix(out), rows(step, out), out.width());
    }

    static RowByRow scale(Operand in, Operand out, double factor) {
        return step -> step.kernels()
                .elementwise()
                .scale(step.matrix(in), (float) factor, step.matrix(out), rows(step, out), out.width());
    }

    static RowByRow activate(Operand in, Operand out, ActivationFunction function) {
        Activation activation = activation(function);
        return step -> step.kernels()
                .elementwise()
                .activate(activation, step.matrix(in), step.matrix(out), rows(step, out), out.width());
    }

    static RowByRow xielu(Operand in, Operand out, Xielu curve) {
        return step -> step.kernels()
                .elementwise()
                .xielu(curve, step.matrix(in), step.matrix(out), rows(step, out), out.width());
    }

    static RowByRow clamp(Operand in, Operand out, Op.Clamp clamp) {
        float low = (float) clamp.low();
        float high = (float) clamp.high();
        return step -> step.kernels()
                .elementwise()
                .clamp(step.matrix(in), low, high, step.matrix(out), rows(step, out), out.width());
    }

    static RowByRow softCap(Operand in, Operand out, double cap) {
        return step -> step.kernels()
                .elementwise()
                .softCap(step.matrix(in), (float) cap, step.matrix(out), rows(step, out), out.width());
    }

    /** Multiplies each row by the single number in the factor's row. */
    static RowByRow scaleRows(Operand in, Operand factor, Operand out) {
        return step -> step.kernels()
                .elementwise()
                .scaleRows(step.matrix(in), step.matrix(factor), step.matrix(out), rows(step, out), out.width());
    }

    static Instruction scaleByPosition(Operand in, Operand out, PositionFactor factor) {
        PositionTable table = new PositionTable(1, (position, row) -> row[0] = (float) factor.at(position));
        return step -> {
            for (int row = 0; row < rows(step, out); row++) {
                table.reach(step.input().positions[row]);
            }
            step.kernels()
                    .elementwise()
                    .scaleRows(
                            in.matrix(),
                            table.values(),
                            step.input().positions,
                            out.matrix(),
                            rows(step, out),
                            out.width());
        };
    }

    /**
     * Computed positions.
     *
     * @param width features of the whole value
     * @param held those of the rank, ascending
     */
    static Instruction sinusoids(Op.Sinusoids sinusoids, int width, int[] held, Operand out) {
        boolean distances = out.rows().kind() == RowAxis.Kind.DISTANCES;
        PositionTable table = new PositionTable(held.length, (number, row) -> {
            for (int i = 0; i < row.length; i++) {
                row[i] = SinusoidTable.at(sinusoids, width, held[i], distances ? signed(number) : number);
            }
        });
        return step -> {
            int[] positions = step.axes().indices(Op.IndexSource.POSITIONS, out.rows());
            int count = rows(step, out);
            for (int row = 0; row < count; row++) {
                table.reach(distances ? numbered(positions[row]) : positions[row]);
            }
            for (int row = 0; row < count; row++) {
                int from = (distances ? numbered(positions[row]) : positions[row]) * held.length;
                out.matrix().slab().put(out.matrix().at(row, 0), table.values(), from, held.length);
            }
        };
    }

    /** Distances as numbers from 0 on: 0, -1, 1, -2, 2, ... */
    private static int numbered(int position) {
        return position < 0 ? -2 * position - 1 : 2 * position;
    }

    private static int signed(int number) {
        return number % 2 == 0 ? number / 2 : -(number + 1) / 2;
    }

    /**
     * Multiplies by a vector, then adds a vector. Each product is rounded before the sum, so that an element's bits do
     * not depend on where it lies.
     *
     * @param scale null for none
     * @param shift null for none
     */
    static RowByRow affine(float[] scale, float[] shift, Operand in, Operand out) {
        return step -> {
            int rows = rows(step, out);
            Matrix from = step.matrix(in);
            Matrix to = step.matrix(out);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < out.width(); column++) {
                    float scaled = scale == null ? from.get(row, column) : from.get(row, column) * scale[column];
                    to.set(row, column, shift == null ? scaled : scaled + shift[column]);
                }
            }
        };
    }

    static RowByRow copy(Operand in, Operand out) {
        return step ->
                step.kernels().elementwise().copy(step.matrix(in), step.matrix(out), rows(step, out), out.width());
    }

    /** Gathers columns in any order; slow, for layouts that no view can express. */
    static RowByRow gatherColumns(Operand in, int[] columns, Operand out) {
        return step -> {
            int rows = rows(step, out);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns.length; column++) {
                    step.matrix(out).set(row, column, step.matrix(in).get(row, columns[column]));
                }
            }
        };
    }

    /** The inverse: scatters an operand's columns to any places; slow, for layouts that no view can express. */
    static RowByRow scatterColumns(Operand in, int[] columns, Operand out) {
        return step -> {
            int rows = rows(step, out);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns.length; column++) {
                    step.matrix(out).set(row, columns[column], step.matrix(in).get(row, column));
                }
            }
        };
    }

    /** Picks the rows whose outputs are requested, or the first row of each sequence. */
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

    /** @param groups number of groups of columns that are normalised separately */
    static RowByRow norm(Op.Norm norm, NormWeights weights, Operand in, Operand out, int groups) {
        Norms.Kind kind = normKind(norm.kind());
        int width = groups == 0 ? 0 : out.width() / groups;
        return step -> step.kernels()
                .norms()
                .apply(
                        kind,
                        step.matrix(in),
                        step.matrix(out),
                        rows(step, out),
                        groups,
                        width,
                        weights.scale(),
                        weights.shift(),
                        (float) norm.epsilon());
    }

    static Norms.Kind normKind(Op.NormKind kind) {
        return kind == Op.NormKind.LAYER ? Norms.Kind.LAYER : Norms.Kind.RMS;
    }

    private static int rows(StepState step, Operand operand) {
        return step.rows(operand.rows());
    }

    /** The kernel activation for a function of the graph. */
    static Activation activation(ActivationFunction function) {
        return function == ActivationFunction.IDENTITY ? Activation.NONE : Activation.valueOf(function.name());
    }
}
