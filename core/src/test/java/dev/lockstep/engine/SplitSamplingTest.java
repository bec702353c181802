package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.architecture.RandomCheckpoints;
import dev.lockstep.generate.Beams;
import dev.lockstep.generate.Completion;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.ListSource;
import dev.lockstep.generate.Penalties;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.RequestSource;
import dev.lockstep.generate.Sampling;
import dev.lockstep.generate.TextTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever changes and restricts tokens, ranks that share the vocabulary out choose what one rank chooses. */
class SplitSamplingTest {
    private static final Penalties PENALTIES = Penalties.NONE
            .withRepetition(1.3)
            .withPresence(0.4)
            .withFrequency(0.2)
            .withNoRepeatNgram(2)
            .withLogitBias(Map.of(3, 2.0, 11, -5.0));

    @TempDir
    private Path folder;

    @Test
    void anyNumberOfRanksChoosesTheSame() {
        Path model = RandomCheckpoints.write(folder.resolve("llama"), "llama", 3, RandomCheckpoints.Depth.FULL);
        List<Completion> expected = run(model, 1);
        assertThat(expected).allSatisfy(each -> assertThat(each.error()).isNull());
        for (int tp : new int[] {2, 3}) {
            List<Completion> found = run(model, tp);
            for (int row = 0; row < expected.size(); row++) {
                compare(found.get(row), expected.get(row));
            }
        }
    }

    private static void compare(Completion found, Completion expected) {
        assertThat(found.error()).isNull();
        assertThat(found.outputs()).hasSameSizeAs(expected.outputs());
        for (int i = 0; i < expected.outputs().size(); i++) {
            Completion.Output output = found.outputs().get(i);
            Completion.Output other = expected.outputs().get(i);
            assertThat(output.tokenIds()).isEqualTo(other.tokenIds());
            if (other.logprobs() != null) {
                assertThat(output.logprobs().topTokens())
                        .isEqualTo(other.logprobs().topTokens());
                for (int t = 0; t < other.logprobs().chosen().length; t++) {
                    assertThat(output.logprobs().chosen()[t])
                            .isCloseTo(other.logprobs().chosen()[t], within(1e-3f));
                }
            }
        }
    }

    private static List<Request> requests() {
        GenerationOptions base = GenerationOptions.GREEDY
                .withMaxNewTokens(12)
                .withIgnoreEos(true)
                .withLogprobs(3);
        Sampling warm = Sampling.GREEDY.withTemperature(0.9);
        List<GenerationOptions> all = List.of(
                base,
                base.with(PENALTIES),
                base.with(PENALTIES).with(warm.withSamples(3)),
                base.with(warm.withTopP(0.8)),
                base.with(warm.withTypicalP(0.7)).with(PENALTIES),
                base.with(warm.withMinP(0.1).withTopK(30)),
                base.withLogprobs(GenerationOptions.NO_LOGPROBS).with(PENALTIES).with(new Beams(3, 1, false)));
        List<Request> requests = new ArrayList<>();
        for (int row = 0; row < all.size(); row++) {
            requests.add(new Request(row, null, new int[] {1 + row, 5, 2}, all.get(row)));
        }
        return requests;
    }

    private static List<Completion> run(Path model, int tp) {
        EngineOptions options = new EngineOptions(model.toString(), tp, "fp32", "max", 1, 1L << 30, 256, 16);
        Completion[] completions = new Completion[requests().size()];
        try (LocalGroup group = LocalGroup.open(options, false)) {
            RequestSource source = new ListSource(requests(), 0);
            TextTokenizer none = null;
            new Generator(group.leader().stepRunner(), group.leader().traits(), none)
                    .run(source, each -> completions[(int) each.id()] = each, () -> false);
        }
        return List.of(completions);
    }
}
