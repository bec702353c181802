package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.architecture.RandomCheckpoints;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Scorer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The invariant for every family: whatever the numbers of heads, groups and odd sizes, 2 to 7 ranks with everything split
 * that can be compute what one rank computes, over 300 tokens and with a shorter sequence beside.
 */
class RandomCheckpointSplitTest {
    private static final int TOKENS = 300;
    private static final List<Integer> RANKS = List.of(2, 3, 4, 5, 6, 7);

    @TempDir
    private Path folder;

    static Stream<Arguments> familiesAndSeeds() {
        return RandomCheckpoints.names().stream()
                .flatMap(name -> Stream.of(1L, 2L, 3L).map(seed -> Arguments.of(name, seed)));
    }

    /** Shapes that a split must get right and that three seeds may miss. */
    static Stream<Arguments> wantedShapes() {
        return Stream.of(
                wanted("yuan", "an odd number of heads", c -> number(c, "num_attention_heads") % 2 == 1),
                wanted("codegen", "heads that three ranks share unevenly", c -> number(c, "n_head") % 3 != 0),
                wanted("olmo2", "grouped heads, fewer than ranks", c -> {
                    int groups = number(c, "num_key_value_heads");
                    return groups > 1 && groups < 4 && groups < number(c, "num_attention_heads");
                }),
                wanted("mixtral", "experts that do not divide", c -> number(c, "num_local_experts") % 2 == 1),
                wanted("qwen2_moe", "experts that do not divide", c -> number(c, "num_experts") % 2 == 1));
    }

    private static Arguments wanted(String name, String what, Predicate<Map<String, Object>> shape) {
        return Arguments.of(name, what, RandomCheckpoints.seedWhere(name, RandomCheckpoints.Depth.FULL, shape));
    }

    private static int number(Map<String, Object> config, String key) {
        return ((Number) config.get(key)).intValue();
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("wantedShapes")
    void shapesThatMustNotBeMissed(String name, String what, long seed) {
        allEqualOneRank(name, seed, RANKS);
    }

    @ParameterizedTest
    @MethodSource("familiesAndSeeds")
    void anyNumberOfRanksEqualsOne(String name, long seed) {
        allEqualOneRank(name, seed, List.of(ranksOf(name, seed)));
    }

    private void allEqualOneRank(String name, long seed, List<Integer> ranks) {
        Path model = RandomCheckpoints.write(folder.resolve(name), name, seed, RandomCheckpoints.Depth.FULL);
        List<Map<String, StepOutput.Rows>> expected = outputs(model, 1, seed);
        for (int tp : ranks) {
            List<Map<String, StepOutput.Rows>> found = outputs(model, tp, seed);
            for (int i = 0; i < expected.size(); i++) {
                int index = i;
                assertThat(found.get(i).keySet()).isEqualTo(expected.get(i).keySet());
                String where = name + " seed " + seed + " tp " + tp + " sequence " + i + " ";
                expected.get(i)
                        .forEach((output, rows) ->
                                assertClose(found.get(index).get(output).values(), rows.values(), where + output));
            }
        }
    }

    /** A family runs at every second of {@link #RANKS}, and the next one at the others. */
    private static int ranksOf(String name, long seed) {
        int family = RandomCheckpoints.names().indexOf(name);
        return RANKS.get((int) Math.floorMod(2 * seed + family, (long) RANKS.size()));
    }

    private static List<Map<String, StepOutput.Rows>> outputs(Path model, int tp, long seed) {
        EngineOptions options = new EngineOptions(model.toString(), tp, "fp32", "max", 1, 1L << 30, 512, 4);
        try (LocalGroup group = LocalGroup.open(options, true)) {
            int vocabulary = group.leader().model().vocabulary();
            boolean decodes = group.leader().traits().encoderDecoder();
            Random random = new Random(seed);
            List<Scorer.Case> cases = Stream.of(TOKENS, 7)
                    .map(length -> new Scorer.Case(
                            random.ints(length, 0, vocabulary).toArray(),
                            null,
                            decodes ? random.ints(length / 7 + 1, 0, vocabulary).toArray() : null,
                            null))
                    .toList();
            return new Scorer(group.leader().stepRunner(), group.leader().traits()).outputs(cases);
        }
    }

    private static void assertClose(float[] found, float[] expected, String where) {
        float largest = 1;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertThat(found).as(where).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(found[i] - expected[i]) <= 1e-3f * largest)) {
                assertThat(found[i]).as(where + " at " + i).isEqualTo(expected[i]);
            }
        }
    }
}
