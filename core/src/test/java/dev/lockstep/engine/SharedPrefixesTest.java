package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.generate.Batching;
import dev.lockstep.generate.Completion;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.ListSource;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.RequestSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real models, with and without shared prefixes: the same texts. */
class SharedPrefixesTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final int SYSTEM = 40;
    private static final int ROWS = 9;

    @ParameterizedTest
    @CsvSource({
        "llama, 1",
        "llama, 3",
        "gpt_oss, 1",
        "mistral, 2",
        "gemma2, 1",
        "deepseek_v3, 2",
        "qwen3_moe, 1",
        "gpt2, 2",
        "llama4, 1",
        "biogpt, 1"
    })
    void sharingChangesNoText(String family, int tp) {
        EngineOptions options =
                new EngineOptions(GOLDENS.resolve(family).toString(), tp, "fp32", "max", 1, 1L << 30, 64, 4);
        try (LocalGroup group = LocalGroup.open(options, false)) {
            RankSession leader = group.leader();
            Batching batching = leader.batching();
            assertThat(batching.sharesPrefixes()).isTrue();
            int most = leader.traits().maxPositions().orElse(100);
            int system = Math.min(SYSTEM, most - 10);
            List<Request> requests = requests(leader.model().vocabulary(), system);
            Generator sharing = new Generator(leader.stepRunner(), leader.traits(), null, batching);
            Generator plain = new Generator(leader.stepRunner(), leader.traits(), null);

            List<List<Integer>> found = run(sharing, requests);

            assertThat(found).isEqualTo(run(plain, requests)).hasSize(ROWS);
            assertThat(plain.stats().sharedTokens()).isZero();
            int block = MemoryPlanner.blockSize();
            assertThat(sharing.stats().sharedTokens()).isEqualTo((ROWS - 1L) * (system / block * block));
        }
    }

    @ParameterizedTest
    @CsvSource({"llama-rope-dynamic", "phi3-longrope", "qwen-ntk", "yuan", "t5"})
    void keysThatDependOnMoreThanTheTokensBeforeAreNotShared(String family) {
        EngineOptions options = EngineOptions.of(GOLDENS.resolve(family).toString(), 1);
        try (ModelFiles files = ModelFiles.open(options.model())) {
            assertThat(files.model().sharesPrefixes()).isFalse();
        }
    }

    private static List<Request> requests(int vocabulary, int system) {
        GenerationOptions options = GenerationOptions.GREEDY.withMaxNewTokens(5).withIgnoreEos(true);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            IntStream common = new Random(1).ints(system, 0, vocabulary);
            IntStream own = new Random(2 + i).ints(1 + i % 3, 0, vocabulary);
            requests.add(new Request(i, null, IntStream.concat(common, own).toArray(), options));
        }
        return requests;
    }

    private static List<List<Integer>> run(Generator generator, List<Request> requests) {
        int[][] tokens = new int[requests.size()][];
        RequestSource source = new ListSource(requests, 0);
        generator.run(
                source,
                completion -> {
                    assertThat(completion.finish()).isEqualTo(Completion.Finish.LENGTH);
                    tokens[(int) completion.id()] = completion.tokenIds();
                },
                () -> false);
        return Arrays.stream(tokens)
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
    }
}
