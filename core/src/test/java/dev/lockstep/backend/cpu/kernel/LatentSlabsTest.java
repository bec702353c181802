package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Latent attention sums over keys that may lie in several slabs: where does not change a bit. */
class LatentSlabsTest {
    private static final int HEADS = 6;
    private static final int WIDTH = 40;
    private static final int VALUE_WIDTH = 33;
    /** Query and key counts of the sequences: prefill, decode, a chunk. */
    private static final int[][] SEQUENCES = {{37, 37}, {1, 150}, {5, 130}, {1, 16}};

    @ParameterizedTest
    @CsvSource({"FP32, 16, 1", "FP32, 16, 3", "INT8, 16, 1", "INT8, 16, 5", "INT16, 32, 2", "FP32, 64, 1"})
    void attentionIsTheSameWhereverBlocksLie(CacheType type, int blockSize, int blocksPerSlab) {
        int blockBytes = Math.toIntExact(KvCache.blockBytes(1, blockSize, WIDTH, 0, type));

        float[][] inOne = attend(type, blockSize, Slab.MAX_BYTES);
        float[][] inMany = attend(type, blockSize, blocksPerSlab * blockBytes);

        assertThat(Arrays.stream(inOne)
                        .flatMapToInt(LatentSlabsTest::bits)
                        .distinct()
                        .count())
                .isGreaterThan(1000);
        assertThat(inMany).isDeepEqualTo(inOne);
    }

    private static IntStream bits(float[] row) {
        return IntStream.range(0, row.length).map(i -> Float.floatToRawIntBits(row[i]));
    }

    private static float[][] attend(CacheType type, int blockSize, int slabBytes) {
        AttentionSpec spec =
                AttentionSpec.causal(new int[HEADS], WIDTH, VALUE_WIDTH, 0.2f).withValuesInKeys();
        int keyRows = Arrays.stream(SEQUENCES).mapToInt(s -> s[1]).sum();
        int queryRows = Arrays.stream(SEQUENCES).mapToInt(s -> s[0]).sum();
        int perSequence = Arrays.stream(SEQUENCES).mapToInt(s -> s[1]).max().orElseThrow() / blockSize + 1;
        int blocks = perSequence * SEQUENCES.length;
        int[] tables = new int[blocks];
        int[] starts = new int[SEQUENCES.length];
        int[] slots = new int[keyRows];
        int[] queryOffsets = new int[SEQUENCES.length + 1];
        int row = 0;
        for (int s = 0; s < SEQUENCES.length; s++) {
            starts[s] = s * perSequence;
            queryOffsets[s + 1] = queryOffsets[s] + SEQUENCES[s][0];
            for (int b = 0; b < perSequence; b++) {
                tables[starts[s] + b] = b * SEQUENCES.length + s; // sequences' blocks alternate
            }
            for (int j = 0; j < SEQUENCES[s][1]; j++) {
                slots[row++] = tables[starts[s] + j / blockSize] * blockSize + j % blockSize;
            }
        }
        int[] lengths = Arrays.stream(SEQUENCES).mapToInt(s -> s[1]).toArray();
        try (Samples samples = new Samples(7);
                Workers workers = new Workers(2);
                KvCache cache = new KvCache(blocks, 1, blockSize, WIDTH, 0, type, Memory.UNCOUNTED, slabBytes)) {
            cache.write(workers, samples.matrix(keyRows, WIDTH), null, slots, keyRows);
            Matrix out = samples.matrix(queryRows, HEADS * VALUE_WIDTH);
            new PagedAttention(workers, spec, 1)
                    .run(
                            samples.matrix(queryRows, HEADS * WIDTH),
                            cache,
                            SEQUENCES.length,
                            queryOffsets,
                            lengths,
                            tables,
                            starts,
                            out);
            return Samples.values(out, queryRows, HEADS * VALUE_WIDTH);
        }
    }

    /** Both forms of the code, whichever the machine takes. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void groupsMayLieInAnySlabs(boolean vectors) {
        TileMath math = vectors && VectorSupport.AVAILABLE ? new VectorTileMath() : new ScalarTileMath();
        int groups = 9;
        int queries = 6;
        int groupSize = WIDTH * TileMath.GROUP;
        try (Samples samples = new Samples(3)) {
            float[] keys = samples.array(groups * groupSize);
            float[] weights = samples.array(queries * groups * TileMath.GROUP);
            Slab whole = samples.slab(keys.length);
            whole.put(0, keys, 0, keys.length);
            Slab[] one = new Slab[groups];
            Slab[] many = new Slab[groups];
            int[] together = new int[groups];
            for (int group = 0; group < groups; group++) {
                one[group] = whole;
                together[group] = group * groupSize;
                many[group] = group % 4 == 3 ? many[group - 1] : samples.slab(2L * groupSize);
                many[group].put(group % 4 == 3 ? groupSize : 0, keys, group * groupSize, groupSize);
            }
            int[] apart = IntStream.range(0, groups)
                    .map(group -> group % 4 == 3 ? groupSize : 0)
                    .toArray();

            assertThat(sums(math, weights, queries, many, apart))
                    .containsExactly(sums(math, weights, queries, one, together));
        }
    }

    private static float[] sums(TileMath math, float[] weights, int queries, Slab[] slabs, int[] offsets) {
        float[] sums = new float[queries * VALUE_WIDTH];
        int stride = slabs.length * TileMath.GROUP;
        math.accumulateTransposed(
                weights,
                0,
                stride,
                queries,
                slabs,
                Form.FP32,
                offsets,
                slabs.length,
                VALUE_WIDTH,
                sums,
                0,
                VALUE_WIDTH);
        return sums;
    }
}
