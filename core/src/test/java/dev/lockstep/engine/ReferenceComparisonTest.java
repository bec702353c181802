package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.architecture.RandomCheckpoints;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Scorer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random encoders, whose rows look at some keys, at other axes or at tables of distances, on the processor and by the
 * reference interpreter: the same numbers for sequences of every length from one token on.
 */
class ReferenceComparisonTest {
    @TempDir
    private Path folder;

    static Stream<Arguments> encoders() {
        return RandomCheckpoints.names().stream()
                .filter(name -> name.startsWith("longt5")
                        || name.equals("fnet")
                        || name.startsWith("funnel")
                        || name.startsWith("deberta"))
                .flatMap(name -> Stream.of(1L, 2L, 3L, 4L, 5L, 6L).map(seed -> Arguments.of(name, seed)));
    }

    @ParameterizedTest
    @MethodSource("encoders")
    void theProcessorComputesWhatTheReferenceDoes(String name, long seed) {
        Path model = RandomCheckpoints.write(folder.resolve(name), name, seed, RandomCheckpoints.Depth.FAST);
        List<Map<String, StepOutput.Rows>> expected = outputs(model, "reference", 1, seed);
        List<Map<String, StepOutput.Rows>> found = outputs(model, "cpu", (int) (1 + seed % 3), seed);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).keySet()).isEqualTo(expected.get(i).keySet());
            for (String output : expected.get(i).keySet()) {
                float[] right = expected.get(i).get(output).values();
                float[] other = found.get(i).get(output).values();
                assertThat(other).hasSameSizeAs(right);
                for (int at = 0; at < right.length; at++) {
                    float tolerance = 1e-3f * Math.max(1, Math.abs(right[at]));
                    if (!(Math.abs(other[at] - right[at]) <= tolerance)) {
                        assertThat(other[at])
                                .as("%s seed %d sequence %d %s at %d", name, seed, i, output, at)
                                .isEqualTo(right[at]);
                    }
                }
            }
        }
    }

    private static List<Map<String, StepOutput.Rows>> outputs(Path model, String device, int tp, long seed) {
        EngineOptions options =
                new EngineOptions(model.toString(), tp, "fp32", "max", 1, 1L << 30, 512, 8).withDevice(device);
        try (LocalGroup group = LocalGroup.open(options, true)) {
            int vocabulary = group.leader().model().vocabulary();
            boolean decodes = group.leader().traits().encoderDecoder();
            Random random = new Random(seed);
            List<Scorer.Case> cases = Stream.of(1, 2, 3, 4, 5, 7, 12, 33)
                    .map(length -> new Scorer.Case(
                            random.ints(length, 0, vocabulary).toArray(),
                            random.ints(length, 0, 2).toArray(),
                            decodes ? random.ints(length / 7 + 1, 0, vocabulary).toArray() : null,
                            null))
                    .toList();
            return new Scorer(group.leader().stepRunner(), group.leader().traits()).outputs(cases);
        }
    }
}
