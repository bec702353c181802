package dev.lockstep.backend.reference;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.lowering.LinearMap;
import dev.lockstep.backend.lowering.SinusoidTable;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.backend.lowering.StepVisitor;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import java.util.Arrays;

/** Runs the steps that work row by row. */
abstract class RowInterpreter implements StepVisitor<Void> {

    /** A function of one number. */
    private interface Unary {
        double of(double x);
    }

    final Weights weights;
    StepValues values;
    StepInput input;
    StepAxes axes;

    RowInterpreter(Weights weights) {
        this.weights = weights;
    }

    void begin(StepValues stepValues) {
        values = stepValues;
        axes = stepValues.axes();
        input = axes.input();
    }

    // ---------------------------------------------------------------- from what a step is told

    @Override
    public Void lookup(Step.Lookup step) {
        float[] table = weights.of(step.table());
        int width = step.out().width();
        int[] ids = axes.indices(step.op().index(), step.out().rows());
        for (int row = 0; row < values.rows(step.out()); row++) {
            int held = Arrays.binarySearch(step.held(), ids[row] + step.op().offset());
            float[] found = held < 0 ? new float[width] : Arrays.copyOfRange(table, held * width, (held + 1) * width);
            values.put(step.out(), row, found);
        }
        return null;
    }

    @Override
    public Void sinusoids(Step.Sinusoids step) {
        int[] positions = axes.indices(Op.IndexSource.POSITIONS, step.out().rows());
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.held().length; column++) {
                int feature = step.held()[column];
                float value = SinusoidTable.at(step.op(), step.width(), feature, positions[row]);
                values.set(step.out(), row, column, value);
            }
        }
        return null;
    }

    // ---------------------------------------------------------------- linear maps

    @Override
    public Void linear(Step.Linear step) {
        int column = 0;
        for (LinearMap map : step.maps()) {
            float[] matrix = weights.of(map.matrix());
            float[] bias = weights.orNull(map.bias());
            boolean[] counted = weights.counted(map.matrix());
            int outputs = weights.size(map.matrix(), 0);
            for (int row = 0; row < values.rows(step.out()); row++) {
                float[] x = values.row(step.in(), row);
                for (int o = 0; o < outputs; o++) {
                    double sum = bias == null ? 0 : bias[o];
                    for (int i = 0; i < x.length; i++) {
                        sum += counted[i] ? (double) matrix[o * x.length + i] * x[i] : 0;
                    }
                    values.set(step.out(), row, column + o, (float) Functions.activate(step.activation(), (float) sum));
                }
            }
            column += outputs;
        }
        return null;
    }

    @Override
    public Void headLinear(Step.HeadLinear step) {
        float[] matrices = weights.of(step.matrices());
        int heads = weights.size(step.matrices(), 0);
        int outputs = weights.size(step.matrices(), 1);
        int inputs = weights.size(step.matrices(), 2);
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int output = 0; output < heads * outputs; output++) {
                double sum = 0;
                for (int i = 0; i < inputs; i++) {
                    float x = values.get(step.in(), row, output / outputs * inputs + i);
                    sum += (double) matrices[output * inputs + i] * x;
                }
                values.set(step.out(), row, output, (float) sum);
            }
        }
        return null;
    }

    // ---------------------------------------------------------------- element by element

    private Void each(View in, View out, Unary function) {
        for (int row = 0; row < values.rows(out); row++) {
            for (int column = 0; column < out.width(); column++) {
                values.set(out, row, column, (float) function.of(values.get(in, row, column)));
            }
        }
        return null;
    }

    @Override
    public Void add(Step.Add step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.out().width(); column++) {
                float sum = values.get(step.first(), row, column) + values.get(step.second(), row, column);
                values.set(step.out(), row, column, sum);
            }
        }
        return null;
    }

    @Override
    public Void multiply(Step.Multiply step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.out().width(); column++) {
                float product = values.get(step.first(), row, column) * values.get(step.second(), row, column);
                values.set(step.out(), row, column, product);
            }
        }
        return null;
    }

    @Override
    public Void scaleRows(Step.ScaleRows step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.out().width(); column++) {
                float product = values.get(step.in(), row, column) * values.get(step.factor(), row, 0);
                values.set(step.out(), row, column, product);
            }
        }
        return null;
    }

    @Override
    public Void scale(Step.Scale step) {
        return each(step.in(), step.out(), x -> x * (float) step.factor());
    }

    @Override
    public Void scaleByPosition(Step.ScaleByPosition step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            float factor = (float) step.factor().at(input.positions[row]);
            for (int column = 0; column < step.out().width(); column++) {
                values.set(step.out(), row, column, values.get(step.in(), row, column) * factor);
            }
        }
        return null;
    }

    @Override
    public Void clamp(Step.Clamp step) {
        return each(
                step.in(),
                step.out(),
                x -> Math.max(step.op().low(), Math.min(x, step.op().high())));
    }

    @Override
    public Void softCap(Step.SoftCap step) {
        return each(step.in(), step.out(), x -> step.cap() * Math.tanh(x / step.cap()));
    }

    @Override
    public Void affine(Step.Affine step) {
        float[] scale = weights.orNull(step.scale());
        float[] shift = weights.orNull(step.shift());
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.out().width(); column++) {
                float scaled = values.get(step.in(), row, column) * (scale == null ? 1 : scale[column]);
                values.set(step.out(), row, column, scaled + (shift == null ? 0 : shift[column]));
            }
        }
        return null;
    }

    @Override
    public Void activate(Step.Activate step) {
        return each(step.in(), step.out(), x -> Functions.activate(step.function(), x));
    }

    @Override
    public Void xielu(Step.Xielu step) {
        float[] learned = weights.of(step.shape());
        double beta = learned[2];
        double above = Functions.softplus(learned[0]);
        double below = beta + Functions.softplus(learned[1]);
        return each(
                step.in(),
                step.out(),
                x -> x > 0 ? above * x * x + beta * x : below * (Math.expm1(Math.min(x, learned[3])) - x) + beta * x);
    }

    // ---------------------------------------------------------------- moves

    @Override
    public Void copy(Step.Copy step) {
        return each(step.in(), step.out(), x -> x);
    }

    @Override
    public Void gatherColumns(Step.GatherColumns step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.columns().length; column++) {
                values.set(step.out(), row, column, values.get(step.in(), row, step.columns()[column]));
            }
        }
        return null;
    }

    @Override
    public Void scatterColumns(Step.ScatterColumns step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.columns().length; column++) {
                values.set(step.out(), row, step.columns()[column], values.get(step.in(), row, column));
            }
        }
        return null;
    }

    @Override
    public Void pickRows(Step.PickRows step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            int source = axes.source(step.out().rows(), row);
            values.put(step.out(), row, values.row(step.in(), source));
        }
        return null;
    }

    @Override
    public Void nothing(Step.Nothing step) {
        return null;
    }

    // ---------------------------------------------------------------- norms

    @Override
    public Void norm(Step.Norm step) {
        int width = step.groups() == 0 ? 0 : step.out().width() / step.groups();
        for (int row = 0; row < values.rows(step.out()); row++) {
            float[] x = values.row(step.in(), row);
            for (int group = 0; group < step.groups(); group++) {
                Norm.Moments moments = Norm.moments(x, group * width, width, null);
                for (int i = 0; i < width; i++) {
                    int column = group * width + i;
                    float scale = of(step.scale(), column, width, 1);
                    float shift = of(step.shift(), column, width, 0);
                    values.set(step.out(), row, column, Norm.apply(step.op(), moments, x[column], scale, shift));
                }
            }
        }
        return null;
    }

    /** A column's scale or shift: from a weight of all columns, or of one group's columns. */
    private float of(Weight weight, int column, int width, float otherwise) {
        if (weight == null) {
            return otherwise;
        }
        float[] all = weights.of(weight);
        return all[all.length == width ? column % width : column];
    }

    @Override
    public Void normFromStatistics(Step.NormFromStatistics step) {
        int width = step.out().width();
        for (int row = 0; row < values.rows(step.out()); row++) {
            float[] numbers = values.row(step.statistics(), row);
            Norm.Moments moments = new Norm.Moments(0, 0, 0);
            for (int rank = 0; rank < step.ranks(); rank++) {
                int from = rank * Step.Statistics.NUMBERS;
                moments = moments.and(new Norm.Moments(numbers[from], numbers[from + 1], numbers[from + 2]));
            }
            for (int column = 0; column < width; column++) {
                float scale = of(step.scale(), column, width, 1);
                float shift = of(step.shift(), column, width, 0);
                float x = values.get(step.in(), row, column);
                values.set(step.out(), row, column, Norm.apply(step.op(), moments, x, scale, shift));
            }
        }
        return null;
    }
}
