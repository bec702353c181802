package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AttentionTest {

    /** Query and key counts of the sequences: prefill, decode, chunks, one token, no keys at all. */
    private static final int[][] SEQUENCES = {{37, 37}, {1, 70}, {5, 130}, {1, 1}, {9, 16}, {1, 33}, {70, 71}};

    private static final double EXACT = 3e-5;
    /** Of queries, keys, weights and values of 8 bits each. */
    private static final double ROUNDED = 3e-2;

    @ParameterizedTest
    @CsvSource({
        // heads, kvHeads, query width, value width, block size, type, threads, kind
        "4,4,64,64,16,FP32,1,causal",
        "4,4,64,64,16,INT16,2,causal",
        "8,2,32,32,32,FP32,2,causal",
        "8,2,32,32,32,INT8,1,window",
        "5,1,80,80,16,FP32,2,alibi",
        "6,6,7,9,5,FP32,2,causal",
        "6,3,24,40,20,INT16,2,cap",
        "3,3,64,64,8,FP32,2,bias",
        "4,2,128,128,64,INT8,2,all",
        "2,1,33,17,16,FP32,1,all",
        "4,2,16,16,16,FP32,2,sinks",
        "4,4,64,64,128,INT16,2,window",
        "4,2,16,16,16,FP32,2,chunk",
        "6,3,24,40,20,INT8,1,chunk",
        "4,2,16,16,16,FP32,2,hidden",
        "3,3,8,8,5,INT16,1,hidden",
        "4,4,16,16,16,FP32,2,roundedAlibi",
        "5,1,40,32,16,FP32,2,latent",
        "12,1,36,20,16,INT8,2,latent",
        "1,1,9,9,64,FP32,1,latent",
        "6,2,24,16,32,INT16,1,latent",
        "4,4,64,64,16,INT8,1,causal",
        "5,5,33,17,16,INT8,2,all",
        "12,12,64,64,16,INT8,1,causal",
        "11,11,40,24,16,INT16,2,causal",
        "9,9,16,16,16,FP32,1,causal",
        "6,6,20,12,16,INT8,1,window",
        "5,5,12,20,24,INT8,2,causal",
        "8,2,32,32,32,INT8,2,alibi",
        "0,0,64,64,16,FP32,2,causal"
    })
    void pagedMatchesTheFormula(
            int heads,
            int kvHeads,
            int queryWidth,
            int valueWidth,
            int blockSize,
            CacheType type,
            int threads,
            String kind) {
        try (Samples samples = new Samples(heads * 31L + queryWidth);
                Workers workers = new Workers(threads)) {
            Case c = new Case(samples, heads, kvHeads, queryWidth, valueWidth, kind);
            int blocks = Arrays.stream(SEQUENCES)
                            .mapToInt(s -> (s[1] + blockSize - 1) / blockSize)
                            .sum()
                    + 3;
            int[] order = shuffled(samples, blocks);
            int[] tables = new int[blocks];
            int[] tableOffsets = new int[SEQUENCES.length + 1];
            int used = 0;
            int[] slots = new int[c.keyRows];
            int row = 0;
            for (int s = 0; s < SEQUENCES.length; s++) {
                tableOffsets[s] = used;
                for (int j = 0; j < SEQUENCES[s][1]; j++) {
                    if (j % blockSize == 0) {
                        tables[used] = order[used];
                        used++;
                    }
                    slots[row++] = tables[used - 1] * blockSize + j % blockSize;
                }
            }
            int[] keyLengths = Arrays.stream(SEQUENCES).mapToInt(s -> s[1]).toArray();
            Matrix out = samples.matrix(c.queryRows, Math.max(1, heads * valueWidth));
            int cachedValue = c.spec.valuesInKeys() ? 0 : valueWidth;
            try (KvCache cache =
                    new KvCache(blocks, kvHeads, blockSize, queryWidth, cachedValue, type, Memory.UNCOUNTED)) {
                PagedAttention attention = new PagedAttention(workers, c.spec, kvHeads);
                assertThat(cache.bytes())
                        .isEqualTo(blocks * KvCache.blockBytes(kvHeads, blockSize, queryWidth, cachedValue, type));
                cache.write(workers, c.k, c.v, slots, c.keyRows);
                attention.run(
                        c.q,
                        cache,
                        SEQUENCES.length,
                        c.queryOffsets,
                        keyLengths,
                        tables,
                        tableOffsets,
                        c.hidden,
                        null,
                        out);
                c.check(out, type, EXACT);
                try (MatrixScratch scratch = new MatrixScratch(new PlainBf16Products(), Memory.UNCOUNTED)) {
                    attention = new PagedAttention(workers, c.spec, kvHeads, scratch);
                    Matrix rounded = samples.matrix(c.queryRows, Math.max(1, heads * valueWidth));
                    attention.run(
                            c.q,
                            cache,
                            SEQUENCES.length,
                            c.queryOffsets,
                            keyLengths,
                            tables,
                            tableOffsets,
                            c.hidden,
                            null,
                            rounded);
                    c.check(rounded, type, ROUNDED);
                    boolean multiplies = heads > 0 && blockSize % 16 == 0 && !c.spec.valuesInKeys();
                    assertThat(differ(c, heads * valueWidth, out, rounded)).isEqualTo(multiplies);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "4,4,64,64,1,all",
        "8,2,32,32,2,all",
        "3,3,7,9,2,window",
        "12,12,64,64,2,bias",
        "5,5,16,48,2,alibi",
        "4,1,80,80,1,both",
        "4,4,64,64,2,causal",
        "0,0,64,64,2,all"
    })
    void rowsMatchTheFormula(int heads, int kvHeads, int queryWidth, int valueWidth, int threads, String kind) {
        try (Samples samples = new Samples(heads * 37L + queryWidth);
                Workers workers = new Workers(threads)) {
            Case c = new Case(samples, heads, kvHeads, queryWidth, valueWidth, kind);
            Matrix out = samples.matrix(c.queryRows, Math.max(1, heads * valueWidth));
            RowAttention attention = new RowAttention(workers, c.spec, kvHeads);
            attention.run(c.q, c.k, c.v, SEQUENCES.length, c.queryOffsets, c.keyOffsets, out);
            c.check(out, CacheType.FP32, EXACT);
            try (MatrixScratch scratch = new MatrixScratch(new PlainBf16Products(), Memory.UNCOUNTED)) {
                attention = new RowAttention(workers, c.spec, kvHeads, scratch);
                Matrix rounded = samples.matrix(c.queryRows, Math.max(1, heads * valueWidth));
                attention.run(c.q, c.k, c.v, SEQUENCES.length, c.queryOffsets, c.keyOffsets, rounded);
                c.check(rounded, CacheType.FP32, ROUNDED);
                assertThat(differ(c, heads * valueWidth, out, rounded)).isEqualTo(heads > 0);
            }
        }
    }

    /** Whether anything was rounded. */
    private static boolean differ(Case c, int width, Matrix out, Matrix rounded) {
        return !Arrays.deepEquals(Samples.values(out, c.queryRows, width), Samples.values(rounded, c.queryRows, width));
    }

    /** Sequences longer than what is held together, and tiles of fewer queries for them. */
    @Test
    void matricesOfLongSequences() {
        try (Samples samples = new Samples(11);
                Workers workers = new Workers(2);
                MatrixScratch scratch = new MatrixScratch(new PlainBf16Products(), Memory.UNCOUNTED);
                KvCache cache = new KvCache(160, 3, 16, 64, 64, CacheType.INT16, Memory.UNCOUNTED)) {
            int keys = 2500;
            int rows = 300;
            Matrix k = samples.matrix(keys, 192);
            Matrix v = samples.matrix(keys, 192);
            Matrix q = samples.matrix(rows, 192);
            int[] slots = IntStream.range(0, keys).toArray();
            cache.write(workers, k, v, slots, keys);
            AttentionSpec spec = AttentionSpec.causal(new int[] {0, 1, 2}, 64, 64, 0.125f);
            int[] offsets = {0, rows};
            int[] tables = IntStream.range(0, 160).toArray();
            Matrix exact = samples.matrix(rows, 192);
            Matrix rounded = samples.matrix(rows, 192);
            int[] lengths = {keys};
            int[] starts = {0, 157};
            new PagedAttention(workers, spec, 3).run(q, cache, 1, offsets, lengths, tables, starts, exact);
            new PagedAttention(workers, spec, 3, scratch).run(q, cache, 1, offsets, lengths, tables, starts, rounded);
            for (int row = 0; row < rows; row++) {
                for (int c = 0; c < 192; c++) {
                    Samples.assertClose(rounded.get(row, c), exact.get(row, c), 5e-3, "row " + row);
                }
            }
        }
    }

    @Test
    void aSequencesResultDoesNotDependOnItsBatch() {
        try (Samples samples = new Samples(5);
                Workers workers = new Workers(2);
                KvCache cache = new KvCache(8, 2, 16, 32, 32, CacheType.INT16, Memory.UNCOUNTED)) {
            Matrix k = samples.matrix(100, 64);
            Matrix v = samples.matrix(100, 64);
            cache.write(workers, k, v, IntStream.range(0, 100).toArray(), 100);
            AttentionSpec spec = AttentionSpec.causal(new int[] {0, 0, 1, 1}, 32, 32, 0.2f);
            Matrix q = samples.matrix(40, 128);
            int[] tables = IntStream.range(0, 7).toArray();
            Matrix whole = samples.matrix(40, 128);
            Matrix single = samples.matrix(40, 128);
            PagedAttention attention = new PagedAttention(workers, spec, 2);
            attention.run(q, cache, 1, new int[] {0, 40}, new int[] {100}, tables, new int[] {0, 7}, whole);
            for (int t = 0; t < 40; t++) {
                Matrix row = new Matrix(q.slab(), q.at(t, 0), q.rowStride());
                Matrix target = new Matrix(single.slab(), single.at(t, 0), single.rowStride());
                attention.run(row, cache, 1, new int[] {0, 1}, new int[] {61 + t}, tables, new int[] {0, 7}, target);
            }
            assertThat(Samples.values(single, 40, 128)).isDeepEqualTo(Samples.values(whole, 40, 128));
        }
    }

    @Test
    void copiedBlocksAndSkippedSlots() {
        for (CacheType type : new CacheType[] {CacheType.FP32, CacheType.INT16, CacheType.INT8}) {
            try (Samples samples = new Samples(6);
                    Workers workers = new Workers(1);
                    KvCache cache = new KvCache(3, 2, 16, 8, 4, type, Memory.UNCOUNTED)) {
                Matrix k = samples.matrix(3, 16);
                Matrix v = samples.matrix(3, 8);
                cache.write(workers, k, v, new int[] {16, -1, 17}, 3);
                cache.copyBlock(1, 2);
                AttentionSpec spec = AttentionSpec.allKeys(new int[] {0, 1}, 8, 4, 1f);
                Matrix q = samples.matrix(1, 16);
                Matrix first = samples.matrix(1, 8);
                Matrix second = samples.matrix(1, 8);
                PagedAttention attention = new PagedAttention(workers, spec, 2);
                int[] rows = {0, 1};
                int[] lengths = {2};
                attention.run(q, cache, 1, rows, lengths, new int[] {1}, new int[] {0, 1}, first);
                attention.run(q, cache, 1, rows, lengths, new int[] {2}, new int[] {0, 1}, second);
                assertThat(Samples.values(second, 1, 8)).isDeepEqualTo(Samples.values(first, 1, 8));
                assertThat(first.get(0, 0)).isNotZero();
            }
        }
    }

    @Test
    void extraTermsMayHideKeys() {
        try (Samples samples = new Samples(7);
                Workers workers = new Workers(1)) {
            Matrix q = samples.matrix(4, 8);
            Matrix k = samples.matrix(40, 8);
            Matrix v = samples.matrix(40, 8);
            Matrix out = samples.matrix(4, 8);
            AttentionSpec spec = AttentionSpec.allKeys(new int[] {0}, 8, 8, 1f)
                    .extra((sequence, head, row, position, scores, base, from, to) -> {
                        for (int j = from; j < to; j++) {
                            scores[base + j] = j == row * 3 ? 0f : Float.NEGATIVE_INFINITY;
                        }
                    });
            RowAttention attention = new RowAttention(workers, spec, 1);
            attention.run(q, k, v, 1, new int[] {0, 4}, new int[] {0, 40}, out);
            for (int row = 0; row < 4; row++) {
                for (int c = 0; c < 8; c++) {
                    Samples.assertClose(out.get(row, c), v.get(row * 3, c), 1e-6, "row " + row);
                }
            }
        }
    }

    @Test
    void refusesACacheOfOtherWidths() {
        try (Samples samples = new Samples(8);
                Workers workers = new Workers(1);
                KvCache cache = new KvCache(1, 1, 16, 8, 8, CacheType.FP32, Memory.UNCOUNTED)) {
            PagedAttention attention = new PagedAttention(workers, AttentionSpec.causal(new int[] {0}, 16, 16, 1f), 1);
            Matrix q = samples.matrix(1, 16);
            assertThatThrownBy(() -> attention.run(
                            q, cache, 1, new int[] {0, 1}, new int[] {1}, new int[] {0}, new int[] {0, 1}, q))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("16 and 16");
        }
    }

    private static int[] shuffled(Samples samples, int count) {
        int[] order = IntStream.range(0, count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int j = samples.random().nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }

    /** Inputs of a step over {@link #SEQUENCES}, and what it must yield. */
    private static final class Case {
        final AttentionSpec spec;
        final Matrix q;
        final Matrix k;
        final Matrix v;
        final int queryRows;
        final int keyRows;
        final int[] queryOffsets = new int[SEQUENCES.length + 1];
        final int[] keyOffsets = new int[SEQUENCES.length + 1];
        /** Keys that each row does not see, or null. */
        final int[] hidden;

        private final int heads;
        private final int kvHeads;
        private double[][] table;
        private int[] buckets;

        Case(Samples samples, int heads, int kvHeads, int queryWidth, int valueWidth, String kind) {
            this.heads = heads;
            this.kvHeads = kvHeads;
            for (int s = 0; s < SEQUENCES.length; s++) {
                queryOffsets[s + 1] = queryOffsets[s] + SEQUENCES[s][0];
                keyOffsets[s + 1] = keyOffsets[s] + SEQUENCES[s][1];
            }
            queryRows = queryOffsets[SEQUENCES.length];
            keyRows = keyOffsets[SEQUENCES.length];
            q = samples.matrix(queryRows, Math.max(1, heads * queryWidth), queryWidth, 3);
            k = samples.matrix(keyRows, Math.max(1, kvHeads * queryWidth), queryWidth, 5);
            v = samples.matrix(keyRows, Math.max(1, kvHeads * valueWidth), valueWidth, 1);
            int[] kvHeadOf =
                    IntStream.range(0, heads).map(h -> h * kvHeads / heads).toArray();
            spec = spec(samples, kvHeadOf, queryWidth, valueWidth, kind);
            hidden = kind.equals("hidden") ? hidden() : null;
            for (int row = 0; spec.valuesInKeys() && row < keyRows; row++) {
                for (int column = 0; column < kvHeads * valueWidth; column++) {
                    int head = column / valueWidth;
                    v.set(row, column, k.get(row, head * queryWidth + column % valueWidth));
                }
            }
        }

        /** Never the row's own position, which attention always sees. */
        private int[] hidden() {
            int[] first = new int[queryRows];
            for (int s = 0; s < SEQUENCES.length; s++) {
                for (int t = 0; t < SEQUENCES[s][0]; t++) {
                    first[queryOffsets[s] + t] = (SEQUENCES[s][1] - SEQUENCES[s][0] + t) * 3 / 4;
                }
            }
            return first;
        }

        private AttentionSpec spec(Samples samples, int[] kvHeadOf, int queryWidth, int valueWidth, String kind) {
            float scale = (float) (1 / Math.sqrt(queryWidth));
            AttentionSpec causal = AttentionSpec.causal(kvHeadOf, queryWidth, valueWidth, scale);
            AttentionSpec all = AttentionSpec.allKeys(kvHeadOf, queryWidth, valueWidth, scale);
            return switch (kind) {
                case "causal" -> causal;
                case "all" -> all;
                case "window" -> causal.window(19, 0);
                case "both" -> all.window(10, 7);
                case "alibi" -> all.alibi(samples.array(heads));
                case "cap" -> causal.softCap(1.5f);
                case "chunk" -> causal.chunked(11);
                case "hidden" -> causal;
                case "latent" -> causal.withValuesInKeys();
                case "roundedAlibi" -> {
                    float[] slopes = new float[heads];
                    Arrays.fill(slopes, AttentionReference.ROUNDED_SLOPE);
                    float factor = (float) AttentionReference.ROUNDED_FACTOR;
                    yield causal.extra(new RoundedAlibiTerm(slopes, factor));
                }
                case "sinks" -> causal.sinks(samples.array(heads));
                case "bias" -> {
                    buckets = IntStream.range(0, 50).map(i -> i % 7).toArray();
                    float[] flat = samples.array(7 * heads);
                    table = new double[7][heads];
                    for (int i = 0; i < flat.length; i++) {
                        table[i / heads][i % heads] = flat[i];
                    }
                    yield all.bias(new RelativeBias(flat, heads, buckets, 30));
                }
                default -> throw new IllegalArgumentException(kind);
            };
        }

        void check(Matrix out, CacheType type, double tolerance) {
            CacheType held = spec.valuesInKeys() ? type.ofLatents() : type;
            double[][] keysStored = stored(k, kvHeads, spec.queryWidth(), held);
            double[][] valuesStored = spec.valuesInKeys() ? null : stored(v, kvHeads, spec.valueWidth(), held);
            for (int s = 0; s < SEQUENCES.length; s++) {
                int keys = SEQUENCES[s][1];
                int firstKey = keyOffsets[s];
                for (int t = 0; t < SEQUENCES[s][0]; t++) {
                    for (int head = 0; head < heads; head++) {
                        int kv = spec.kvHeadOf()[head];
                        double[] query = new double[spec.queryWidth()];
                        for (int d = 0; d < query.length; d++) {
                            query[d] = q.get(queryOffsets[s] + t, head * query.length + d);
                        }
                        double[] expected = AttentionReference.attend(
                                spec,
                                head,
                                keys - SEQUENCES[s][0] + t,
                                keys,
                                query,
                                (j, c) -> keysStored[firstKey + j][kv * spec.queryWidth() + c],
                                (j, c) -> spec.valuesInKeys()
                                        ? keysStored[firstKey + j][kv * spec.queryWidth() + c]
                                        : valuesStored[firstKey + j][kv * spec.valueWidth() + c],
                                table,
                                buckets,
                                30,
                                hidden == null ? 0 : hidden[queryOffsets[s] + t]);
                        for (int c = 0; c < expected.length; c++) {
                            Samples.assertClose(
                                    out.get(queryOffsets[s] + t, head * expected.length + c),
                                    expected[c],
                                    tolerance,
                                    "sequence " + s + " query " + t + " head " + head);
                        }
                    }
                }
            }
        }

        /** Each head's vector of each row as a cache holds it. */
        private double[][] stored(Matrix rows, int kvHeads, int width, CacheType type) {
            double[][] stored = new double[keyRows][kvHeads * width];
            for (int row = 0; row < keyRows; row++) {
                for (int head = 0; head < kvHeads; head++) {
                    float largest = 0;
                    for (int c = head * width; c < (head + 1) * width; c++) {
                        largest = Math.max(largest, Math.abs(rows.get(row, c)));
                    }
                    int most = type == CacheType.INT8 ? 127 : 32767;
                    float scale = largest / most;
                    float steps = most / largest;
                    for (int c = head * width; c < (head + 1) * width; c++) {
                        float value = rows.get(row, c);
                        stored[row][c] = type.isScaled() ? scale * Math.rint(value * steps) : value;
                    }
                }
            }
            return stored;
        }
    }
}
