package dev.lockstep.backend.reference;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepTables;
import dev.lockstep.backend.lowering.Angles;
import dev.lockstep.backend.lowering.CacheTables;
import dev.lockstep.backend.lowering.LinearMap;
import dev.lockstep.backend.lowering.SinusoidTable;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.backend.lowering.StepRows;
import dev.lockstep.backend.lowering.StepVisitor;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Collective;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** Runs steps one by one. The switch over kinds of steps is {@link StepVisitor}'s. */
final class Interpreter implements StepVisitor<Void> {

    /** What becomes of one number. */
    private interface Unary {
        double of(double x);
    }

    private final Weights weights;
    private final Caches caches;
    private final Mesh mesh;
    private final Map<Collective, Integer> exchanges = new HashMap<>();
    private StepValues values;
    private StepInput input;

    Interpreter(Weights weights, Caches caches, Mesh mesh) {
        this.weights = weights;
        this.caches = caches;
        this.mesh = mesh;
    }

    void begin(StepValues stepValues) {
        values = stepValues;
        input = stepValues.input();
    }

    /** How often ranks exchanged at a place. */
    int exchanges(Collective place) {
        return exchanges.getOrDefault(place, 0);
    }

    // ---------------------------------------------------------------- from what a step is told

    @Override
    public Void lookup(Step.Lookup step) {
        float[] table = weights.of(step.table());
        int width = step.out().width();
        int[] ids = input.indices(step.op().index());
        for (int row = 0; row < values.rows(step.out()); row++) {
            int held = Arrays.binarySearch(step.held(), ids[row] + step.op().offset());
            float[] found = held < 0 ? new float[width] : Arrays.copyOfRange(table, held * width, (held + 1) * width);
            values.put(step.out(), row, found);
        }
        return null;
    }

    @Override
    public Void sinusoids(Step.Sinusoids step) {
        for (int row = 0; row < values.rows(step.out()); row++) {
            for (int column = 0; column < step.held().length; column++) {
                int feature = step.held()[column];
                float value = SinusoidTable.at(step.op(), step.width(), feature, input.positions[row]);
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
            int source = StepRows.source(step.rows(), row, input);
            values.put(step.out(), row, values.row(step.in(), source));
        }
        return null;
    }

    @Override
    public Void previous(Step.Previous step) {
        StepTables tables = input.groups[0];
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            for (int row = input.queryOffsets[sequence]; row < input.queryOffsets[sequence + 1]; row++) {
                int before = input.positions[row] - 1;
                float[] found = new float[step.out().width()];
                if (row > input.queryOffsets[sequence]) {
                    found = values.row(step.in(), row - 1);
                } else if (before >= 0) {
                    found = caches.kept(step.store(), block(tables, sequence, before), before);
                }
                values.put(step.out(), row, found);
            }
            int last = input.queryOffsets[sequence + 1] - 1;
            if (last >= input.queryOffsets[sequence]) {
                int position = input.positions[last];
                int block = block(tables, sequence, position);
                caches.keep(step.store(), block, position, values.row(step.in(), last));
            }
        }
        return null;
    }

    private int block(StepTables tables, int sequence, int position) {
        return tables.blocks[tables.starts[sequence] + position / caches.blockSize()];
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

    /** A column's scale or shift: of all columns, or of one group's. */
    private float of(Weight weight, int column, int width, float otherwise) {
        if (weight == null) {
            return otherwise;
        }
        float[] all = weights.of(weight);
        return all[all.length == width ? column % width : column];
    }

    @Override
    public Void statistics(Step.Statistics step) {
        int rows = values.rows(step.out());
        float[] own = new float[rows * Step.Statistics.NUMBERS];
        for (int row = 0; row < rows; row++) {
            Norm.Moments moments =
                    Norm.moments(values.row(step.in(), row), 0, step.in().width(), step.owned());
            own[row * Step.Statistics.NUMBERS] = (float) moments.count();
            own[row * Step.Statistics.NUMBERS + 1] = (float) moments.mean();
            own[row * Step.Statistics.NUMBERS + 2] = (float) moments.squares();
        }
        float[][] all = Exchange.gather(mesh, own, own.length);
        for (int rank = 0; rank < all.length; rank++) {
            for (int i = 0; i < own.length; i++) {
                int column = rank * Step.Statistics.NUMBERS + i % Step.Statistics.NUMBERS;
                values.set(step.out(), i / Step.Statistics.NUMBERS, column, all[rank][i]);
            }
        }
        exchanges.merge(step.place(), 1, Integer::sum);
        return null;
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

    // ---------------------------------------------------------------- attention

    @Override
    public Void rotary(Step.Rotary step) {
        Angles angles = new Angles(step.op().table());
        angles.prepare(input, 0);
        int half = step.op().rotated() / 2;
        for (int row = 0; row < values.rows(step.out()); row++) {
            float[] x = values.row(step.in(), row);
            float[] turned = x.clone();
            int entry = angles.entries(input)[row] * half;
            for (int head = 0; head < x.length / step.op().headDim(); head++) {
                int from = head * step.op().headDim() + step.op().first();
                for (int pair = 0; pair < half; pair++) {
                    int one = from + (step.op().interleaved() ? 2 * pair : pair);
                    int other = from + (step.op().interleaved() ? 2 * pair + 1 : pair + half);
                    float cosine = angles.cosines()[entry + pair];
                    float sine = angles.sines()[entry + pair];
                    turned[one] = x[one] * cosine - x[other] * sine;
                    turned[other] = x[other] * cosine + x[one] * sine;
                }
            }
            values.put(step.out(), row, turned);
        }
        return null;
    }

    @Override
    public Void writeCache(Step.WriteCache step) {
        int[] slots = step.tables().of(input).writeSlots;
        for (int row = 0; row < values.rows(step.key()); row++) {
            if (slots[row] >= 0) {
                caches.write(step.pool(), slots[row], values.row(step.key(), row), values.row(step.value(), row));
            }
        }
        return null;
    }

    @Override
    public Void attendCache(Step.AttendCache step) {
        Attention attention = new Attention(step.layer(), weights);
        CacheTables tables = step.tables();
        boolean resets = step.layer().op().resetToken().isPresent();
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            int own = sequence;
            int keys = tables.keyLengths(input)[sequence];
            IntFunction<Caches.Entry> entries = key -> {
                int block = block(tables.of(input), own, key);
                return caches.read(step.pool(), block * caches.blockSize() + key % caches.blockSize());
            };
            int end = input.queryOffsets[sequence + 1];
            for (int row = input.queryOffsets[sequence]; row < end; row++) {
                int position = keys - (end - row);
                int first = resets ? input.firstKeys[row] : 0;
                float[] query = values.row(step.query(), row);
                values.put(step.out(), row, attention.row(query, position, first, keys, entries));
            }
        }
        return null;
    }

    @Override
    public Void attendRows(Step.AttendRows step) {
        Attention attention = new Attention(step.layer(), weights);
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            int from = input.queryOffsets[sequence];
            int keys = input.queryOffsets[sequence + 1] - from;
            Caches.Entry[] entries = new Caches.Entry[keys];
            for (int key = 0; key < keys; key++) {
                entries[key] =
                        new Caches.Entry(values.row(step.key(), from + key), values.row(step.value(), from + key));
            }
            for (int position = 0; position < keys; position++) {
                float[] query = values.row(step.query(), from + position);
                float[] out = attention.row(query, position, 0, keys, key -> entries[key]);
                values.put(step.out(), from + position, out);
            }
        }
        return null;
    }

    // ---------------------------------------------------------------- mixtures

    @Override
    public Void route(Step.Route step) {
        Router router = new Router(step.routing(), weights.orNull(step.correction()));
        for (int row = 0; row < values.rows(step.out()); row++) {
            values.put(step.out(), row, router.weights(values.row(step.logits(), row)));
        }
        return null;
    }

    @Override
    public Void experts(Step.Experts step) {
        Experts experts = new Experts(step, weights);
        for (int row = 0; row < values.rows(step.out()); row++) {
            values.put(step.out(), row, experts.row(values.row(step.x(), row), values.row(step.routing(), row)));
        }
        return null;
    }

    // ---------------------------------------------------------------- ranks

    @Override
    public Void allReduce(Step.AllReduce step) {
        int rows = values.rows(step.sum());
        int width = step.sum().width();
        float[] all = new float[rows * width];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(values.row(step.sum(), row), 0, all, row * width, width);
        }
        Exchange.sum(mesh, all);
        for (int row = 0; row < rows; row++) {
            values.put(step.sum(), row, Arrays.copyOfRange(all, row * width, (row + 1) * width));
        }
        exchanges.merge(step.place(), 1, Integer::sum);
        return null;
    }

    /** Ranks run the same loops over the same numbers. */
    @Override
    public Void compareReplicas(Step.CompareReplicas step) {
        return null;
    }
}
