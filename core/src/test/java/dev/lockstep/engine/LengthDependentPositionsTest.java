package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.generate.Scorer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Angles that depend on a sequence's length: a row's must not depend on how its prompt was cut into steps. */
class LengthDependentPositionsTest {
    private static final Path CASE = Path.of("src/test/resources/goldens/llama-rope-dynamic");

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 13})
    void aPromptRunInChunksYieldsTheSame(int chunk) {
        // Twice the trained length, and some more tokens that are generated.
        int[] prompt = IntStream.range(0, 24).map(i -> i * 7 % 128).toArray();
        EngineOptions options = new EngineOptions(CASE.toString(), 1, "fp32", "max", 1, 1L << 30, 512, 4);
        try (LocalGroup group = LocalGroup.open(options, true)) {
            Scorer whole =
                    new Scorer(group.leader().stepRunner(), group.leader().traits());
            Scorer chunked =
                    new Scorer(group.leader().stepRunner(), group.leader().traits(), chunk);
            List<Scorer.Case> cases = List.of(Scorer.Case.of(prompt), Scorer.Case.of(3, 1, 4));
            for (int i = 0; i < cases.size(); i++) {
                float[] expected = whole.outputs(cases).get(i).get("logits").values();
                float[] found = chunked.outputs(cases).get(i).get("logits").values();
                assertThat(found).hasSameSizeAs(expected);
                for (int value = 0; value < expected.length; value++) {
                    assertThat(Math.abs(found[value] - expected[value]))
                            .as("case " + i + " logit " + value)
                            .isLessThan(1e-4f);
                }
            }
            int[] lengths = {20, 20};
            for (int i = 0; i < cases.size(); i++) {
                assertThat(chunked.greedy(cases, lengths).get(i).tokens())
                        .isEqualTo(whole.greedy(cases, lengths).get(i).tokens());
            }
        }
    }
}
