package dev.lockstep.backend.reference;

import dev.lockstep.backend.StepTables;
import dev.lockstep.backend.lowering.Angles;
import dev.lockstep.backend.lowering.CacheTables;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.RowBlocks;
import dev.lockstep.partition.Collective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Runs steps one by one. The superclass has those that work row by row; this class has those over sequences, experts
 * and ranks.
 */
final class Interpreter extends RowInterpreter {
    private final Caches caches;
    private final Mesh mesh;
    private final Map<Collective, Integer> exchanges = new HashMap<>();

    Interpreter(Weights weights, Caches caches, Mesh mesh) {
        super(weights);
        this.caches = caches;
        this.mesh = mesh;
    }

    /** How often ranks ran this collective. */
    int exchanges(Collective place) {
        return exchanges.getOrDefault(place, 0);
    }

    // ---------------------------------------------------------------- sequences

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
                Attention.Keys seen = new Attention.Keys(position, first, keys, entries, (head, key) -> 0);
                values.put(step.out(), row, attention.row(query, List.of(seen)));
            }
        }
        return null;
    }

    @Override
    public Void attendRows(Step.AttendRows step) {
        Attention attention = new Attention(step.layer(), weights);
        ContentScores content = new ContentScores(step, values);
        RowAxis queries = step.query().rows();
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            int from = axes.offsets(queries)[sequence];
            int rows = axes.offsets(queries)[sequence + 1] - from;
            List<Caches.Entry[]> entries = entries(step, sequence);
            for (int row = 0; row < rows; row++) {
                List<Attention.Keys> sets = new ArrayList<>();
                for (int set = 0; set < entries.size(); set++) {
                    Caches.Entry[] own = entries.get(set);
                    RowAxis keys = step.sets().get(set).key().rows();
                    boolean matters = step.layer().op().keys().get(set).dependsOnPosition();
                    int position = matters ? axes.indexOn(queries, keys, sequence, row) : 0;
                    sets.add(new Attention.Keys(
                            position, 0, own.length, key -> own[key], content.of(set, sequence, row)));
                }
                values.put(step.out(), from + row, attention.row(values.row(step.query(), from + row), sets));
            }
        }
        return null;
    }

    /** Keys and values of a sequence, by set. */
    private List<Caches.Entry[]> entries(Step.AttendRows step, int sequence) {
        List<Caches.Entry[]> entries = new ArrayList<>();
        for (Step.KeyRows set : step.sets()) {
            int[] offsets = axes.offsets(set.key().rows());
            Caches.Entry[] own = new Caches.Entry[offsets[sequence + 1] - offsets[sequence]];
            for (int key = 0; key < own.length; key++) {
                int row = offsets[sequence] + key;
                own[key] = new Caches.Entry(values.row(set.key(), row), values.row(set.value(), row));
            }
            entries.add(own);
        }
        return entries;
    }

    @Override
    public Void neighbours(Step.Neighbours step) {
        int[] offsets = axes.offsets(step.out().rows());
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            for (int row = offsets[sequence]; row < offsets[sequence + 1]; row++) {
                for (int column = 0; column < step.out().width(); column++) {
                    int from = row + step.places()[column];
                    boolean inside = from >= offsets[sequence] && from < offsets[sequence + 1];
                    float value = inside ? values.get(step.in(), from, step.columns()[column]) : 0;
                    values.set(step.out(), row, column, value);
                }
            }
        }
        return null;
    }

    @Override
    public Void poolRows(Step.PoolRows step) {
        int[] from = axes.offsets(step.in().rows());
        int[] to = axes.offsets(step.out().rows());
        RowBlocks blocks = step.out().rows().blocks();
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            int rows = from[sequence + 1] - from[sequence];
            for (int block = 0; block < to[sequence + 1] - to[sequence]; block++) {
                int first = from[sequence] + blocks.first(block, rows);
                int end = from[sequence] + blocks.end(block, rows);
                for (int column = 0; column < step.out().width(); column++) {
                    values.set(step.out(), to[sequence] + block, column, pooled(step, first, end, column));
                }
            }
        }
        return null;
    }

    private float pooled(Step.PoolRows step, int first, int end, int column) {
        double sum = 0;
        float most = Float.NEGATIVE_INFINITY;
        float least = Float.POSITIVE_INFINITY;
        for (int row = first; row < end; row++) {
            float value = values.get(step.in(), row, column);
            sum += value;
            most = Math.max(most, value);
            least = Math.min(least, value);
        }
        return switch (step.how()) {
            case SUM -> (float) sum;
            case MEAN -> (float) (sum / (end - first));
            case MOST -> most;
            case LEAST -> least;
        };
    }

    @Override
    public Void repeatRows(Step.RepeatRows step) {
        int[] from = axes.offsets(step.in().rows());
        int[] to = axes.offsets(step.out().rows());
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            for (int row = 0; row < to[sequence + 1] - to[sequence]; row++) {
                int source = from[sequence] + step.op().source(row);
                boolean inside = source < from[sequence + 1];
                float[] found = inside
                        ? values.row(step.in(), source)
                        : new float[step.out().width()];
                values.put(step.out(), to[sequence] + row, found);
            }
        }
        return null;
    }

    @Override
    public Void perSequence(Step.PerSequence step) {
        int[] offsets = axes.offsets(step.out().rows());
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            int from = offsets[sequence];
            int rows = offsets[sequence + 1] - from;
            for (int head = 0; head < step.heads(); head++) {
                double[][] result = new LocalMatrices(step, values, from, rows, head).result();
                for (int row = 0; row < rows; row++) {
                    for (int column = 0; column < result[row].length; column++) {
                        float value = (float) result[row][column];
                        values.set(step.out(), from + row, head * result[row].length + column, value);
                    }
                }
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

    /** Does nothing: all ranks run the same loops over the same numbers. */
    @Override
    public Void compareReplicas(Step.CompareReplicas step) {
        return null;
    }
}
