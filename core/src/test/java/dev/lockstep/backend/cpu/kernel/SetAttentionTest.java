package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.graph.KeySpans;
import dev.lockstep.graph.Reach;
import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;

/** Sets of keys, of which queries see runs, against the definition; what is not seen is not computed. */
final class SetAttentionTest {
    private static final int[] LENGTHS = {1, 37, 5};
    private static final int[] OFFSETS = {0, 1, 38, 43};
    private static final int TABLE = 9;

    private final List<Slab> slabs = new ArrayList<>();
    private Random random;
    private int width;
    private int valueWidth;
    private int[] kvHeadOf;
    private int kvHeads;

    private Matrix matrix(int rows, int columns) {
        Slab slab = Memory.UNCOUNTED.floats(Math.max(1, rows * columns), "test");
        slabs.add(slab);
        for (int i = 0; i < rows * columns; i++) {
            slab.set(i, (float) random.nextGaussian());
        }
        return new Matrix(slab, 0, columns);
    }

    private static Reach reach(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> Reach.ALL;
            case 1 -> Reach.window(1 + random.nextInt(9));
            case 2 -> new Reach.Window(1 + random.nextInt(5), 1 + random.nextInt(3));
            case 3 -> new Reach.Chunk(1 + random.nextInt(9), 1, random.nextInt(2), random.nextBoolean());
            default -> new Reach.Blocks(1 + random.nextInt(6), 1, 1, List.of(0, -1), List.of(0));
        };
    }

    @Seeds(40)
    void attendsAsTheDefinitionSays(long seed) {
        random = new Random(seed);
        kvHeads = 1 + random.nextInt(3);
        kvHeadOf = new int[kvHeads * (1 + random.nextInt(2))];
        for (int head = 0; head < kvHeadOf.length; head++) {
            kvHeadOf[head] = head * kvHeads / kvHeadOf.length;
        }
        width = 1 + random.nextInt(40);
        valueWidth = 1 + random.nextInt(40);
        int sets = 1 + random.nextInt(2);
        List<Reach> reaches = new ArrayList<>();
        List<SetAttentionSpec.Set> rules = new ArrayList<>();
        for (int set = 0; set < sets; set++) {
            Reach reach = reach(random);
            float slope = random.nextInt(2) * 0.1f;
            List<SetAttentionSpec.Content> content = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                content.add(
                        new SetAttentionSpec.Content(random.nextBoolean(), random.nextBoolean(), random.nextBoolean()));
            }
            reaches.add(reach);
            rules.add(new SetAttentionSpec.Set(
                    reach::spans,
                    null,
                    List.of((head, position, key) -> slope * (head + 1) * (key - position)),
                    content));
        }
        float[] sinks = random.nextBoolean() ? new float[kvHeadOf.length] : null;
        float cap = random.nextBoolean() ? 3 : 0;
        SetAttentionSpec spec = new SetAttentionSpec(kvHeadOf, kvHeads, width, valueWidth, 0.2f, cap, sinks, rules);
        compare(spec, reaches);
    }

    private void compare(SetAttentionSpec spec, List<Reach> reaches) {
        int rows = OFFSETS[LENGTHS.length];
        Matrix queries = matrix(rows, kvHeadOf.length * width);
        Matrix out = matrix(rows, kvHeadOf.length * valueWidth);
        List<SetAttentionRows.Keys> keys = new ArrayList<>();
        List<SetAttentionRows.Content> content = new ArrayList<>();
        for (SetAttentionSpec.Set set : spec.sets()) {
            SetAttentionRows.Keys own =
                    new SetAttentionRows.Keys(matrix(rows, kvHeads * width), matrix(rows, kvHeads * valueWidth));
            own.offsets(OFFSETS);
            keys.add(own);
            for (SetAttentionSpec.Content term : set.content()) {
                int heads = term.ofQuery() ? kvHeadOf.length : kvHeads;
                SetAttentionRows.Content read = new SetAttentionRows.Content(
                        matrix(rows, heads * width), matrix(TABLE, heads * width), SetAttentionTest::tableRow);
                read.offsets(OFFSETS, TABLE);
                content.add(read);
            }
        }
        SetAttentionRows step = new SetAttentionRows(
                queries,
                keys.toArray(SetAttentionRows.Keys[]::new),
                content.toArray(SetAttentionRows.Content[]::new),
                (set, sequence, query) -> query,
                out);
        step.offsets(OFFSETS);
        try (Workers workers = new Workers(2)) {
            SetAttention kernel = new SetAttention(workers, spec);
            kernel.run(step, LENGTHS.length);
            long seen = 0;
            for (int sequence = 0; sequence < LENGTHS.length; sequence++) {
                for (int query = 0; query < LENGTHS[sequence]; query++) {
                    seen += check(spec, reaches, step, sequence, query);
                }
            }
            assertThat(kernel.scores()).as("scores of keys that are seen").isEqualTo(seen);
        }
    }

    private static int tableRow(int sequence, int query, int position, int key) {
        return Math.floorMod(position - key, TABLE);
    }

    /** Compares all heads of one query; returns how many keys they see together. */
    private int check(SetAttentionSpec spec, List<Reach> reaches, SetAttentionRows step, int sequence, int query) {
        int seen = 0;
        for (int head = 0; head < kvHeadOf.length; head++) {
            double[] sum = new double[valueWidth];
            double mass = spec.sinks() == null ? 0 : 1;
            int term = 0;
            for (int set = 0; set < reaches.size(); set++) {
                KeySpans spans = new KeySpans();
                reaches.get(set).spans(query, LENGTHS[sequence], spans);
                seen += spans.keys();
                for (int span = 0; span < spans.count(); span++) {
                    for (int key = spans.from(span); key < spans.end(span); key += spans.step(span)) {
                        double weight = Math.exp(score(spec, step, sequence, query, head, set, term, key));
                        mass += weight;
                        for (int i = 0; i < valueWidth; i++) {
                            sum[i] += weight
                                    * step.sets[set].values.get(
                                            OFFSETS[sequence] + key, kvHeadOf[head] * valueWidth + i);
                        }
                    }
                }
                term += spec.sets().get(set).content().size();
            }
            for (int i = 0; i < valueWidth; i++) {
                double found = step.out.get(OFFSETS[sequence] + query, head * valueWidth + i);
                assertThat(found)
                        .as("sequence %d query %d head %d", sequence, query, head)
                        .isCloseTo(sum[i] / mass, within(2e-4));
            }
        }
        return seen;
    }

    private double score(
            SetAttentionSpec spec,
            SetAttentionRows step,
            int sequence,
            int query,
            int head,
            int set,
            int firstTerm,
            int key) {
        int first = OFFSETS[sequence];
        double product = dot(step.queries, first + query, head, step.sets[set].keys, first + key, kvHeadOf[head]);
        List<SetAttentionSpec.Content> terms = spec.sets().get(set).content();
        for (int i = 0; i < terms.size(); i++) {
            SetAttentionRows.Content read = step.content[firstTerm + i];
            boolean ofQuery = terms.get(i).ofQuery();
            if (!terms.get(i).firstApart() || query > 0 && key > 0) {
                int local = ofQuery ? head : kvHeadOf[head];
                int entry = tableRow(sequence, query, query, key);
                product += dot(read.rows, first + (ofQuery ? query : key), local, read.table, entry, local);
            }
        }
        double scaled = product * spec.scale();
        double capped = spec.softCap() == 0 ? scaled : spec.softCap() * Math.tanh(scaled / spec.softCap());
        return capped + spec.sets().get(set).terms().get(0).of(head, query, key);
    }

    private double dot(Matrix one, int row, int head, Matrix other, int otherRow, int otherHead) {
        double product = 0;
        for (int i = 0; i < width; i++) {
            product += (double) one.get(row, head * width + i) * other.get(otherRow, otherHead * width + i);
        }
        return product;
    }

    @AfterEach
    void close() {
        slabs.forEach(Slab::close);
    }
}
