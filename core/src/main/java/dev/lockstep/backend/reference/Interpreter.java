package dev.lockstep.backend.reference;

import dev.lockstep.backend.StepTables;
import dev.lockstep.backend.lowering.Angles;
import dev.lockstep.backend.lowering.CacheTables;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.collective.Mesh;
import dev.lockstep.partition.Collective;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;

/** Runs steps one by one: those that work row by row, and here those over sequences, experts and ranks. */
final class Interpreter extends RowInterpreter {
    private final Caches caches;
    private final Mesh mesh;
    private final Map<Collective, Integer> exchanges = new HashMap<>();

    Interpreter(Weights weights, Caches caches, Mesh mesh) {
        super(weights);
        this.caches = caches;
        this.mesh = mesh;
    }

    /** How often ranks exchanged at a place. */
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

    /** Ranks run the same loops over the same numbers. */
    @Override
    public Void compareReplicas(Step.CompareReplicas step) {
        return null;
    }
}
