package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.Pooling;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Completion;
import dev.lockstep.generate.Embedder;
import dev.lockstep.generate.EmbeddingOptions;
import dev.lockstep.generate.EmbeddingRequest;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.ListSource;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.RequestSource;
import dev.lockstep.generate.StepRunner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The memory of one rank is really limited in the midst of a run: every row gets the text that it gets undisturbed. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "products in Java take no memory of their own")
class LoweredLimitTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final int ROWS = 24;
    private static final int PROMPT = 7;
    /** Sixteen of them are rows enough that workers take them in tiles. */
    private static final int LONG_PROMPT = 41;

    private static final int NEW_TOKENS = 6;
    private static final int STEP_TOKENS = 64;
    private static final int LOWERED_BEFORE = 3;

    @ParameterizedTest
    @CsvSource({
        "llama, fp32, 1, 0",
        "llama, fp32, 2, 1",
        "llama, fp32, 2, 0",
        "llama, fp32, 3, 1",
        "opt, int8, 1, 0",
        "opt, int8, 2, 1",
        "gpt2, bf16, 1, 0",
        "gpt2, bf16, 3, 2",
        "qwen3_moe, fp32, 2, 1",
        "yuan, fp32, 2, 1",
        "t5, fp32, 1, 0",
        "t5, fp32, 2, 1"
    })
    void noRowIsLost(String family, String dtype, int tp, int limited) {
        EngineOptions options =
                new EngineOptions(GOLDENS.resolve(family).toString(), tp, dtype, "max", 1, 1L << 30, STEP_TOKENS, 16);
        int[][] undisturbed;
        try (LocalGroup group = LocalGroup.open(options, false)) {
            undisturbed = run(group, group.leader().stepRunner(), requests(group), 0, () -> {});
        }
        try (LocalGroup group = LocalGroup.open(options, false)) {
            List<Request> requests = requests(group);
            StepRunner runner = group.leader().stepRunner();
            MemoryAccount account = group.sessions().get(limited).account();
            // What the smallest steps take is there: nothing smaller could be run.
            run(group, runner, requests.subList(0, 1), 0, () -> {});
            Lowering lowering = new Lowering(runner, account, LOWERED_BEFORE);

            int[][] texts = run(group, lowering, requests, ROWS / 2, lowering::raise);

            assertThat(texts).isEqualTo(undisturbed);
            assertThat(lowering.failures).as("steps that failed").isPositive();
            assertThat(lowering.largestWhileLow).isPositive().isLessThan(lowering.largestFailed);
            assertThat(lowering.message)
                    .contains(
                            limited == 0
                                    ? "compiled products of"
                                    : "rank " + limited + " has no memory for a step of " + lowering.largestFailed)
                    .contains("spark.lockstep.memoryBudget", "spark.lockstep.maxBatchTokens");
            assertThat(run(group, runner, requests, 0, () -> {}))
                    .as("the group lives")
                    .isEqualTo(undisturbed);
        }
    }

    /** Ranks that compare what they all hold, or count the time of instructions, run out of memory as others do. */
    @ParameterizedTest
    @CsvSource({
        "lockstep.checkReplicas, llama, 2, 1",
        "lockstep.checkReplicas, qwen3_moe, 3, 0",
        "lockstep.cpu.profile, llama, 2, 1",
        "lockstep.cpu.profile, t5, 2, 0"
    })
    void noRowIsLostUnderInstruments(String property, String family, int tp, int limited) {
        System.setProperty(property, "true");
        try {
            noRowIsLost(family, "fp32", tp, limited);
        } finally {
            System.clearProperty(property);
        }
    }

    /** The account is full after the first steps: each product that was not made by then takes the place of another. */
    @ParameterizedTest
    @CsvSource({"llama, fp32, 1", "llama, bf16, 2", "opt, int8, 1", "opt, int8, 2", "qwen3_moe, fp32, 2", "t5, bf16, 1"
    })
    void productsMadeInPlaceOfOthersChangeNoText(String family, String dtype, int tp) {
        EngineOptions options =
                new EngineOptions(GOLDENS.resolve(family).toString(), tp, dtype, "max", 2, 1L << 30, 512, 16);
        int[][] undisturbed;
        try (LocalGroup group = LocalGroup.open(options, false)) {
            undisturbed = run(group, group.leader().stepRunner(), requests(group, LONG_PROMPT), 0, () -> {});
        }
        try (LocalGroup group = LocalGroup.open(options, false)) {
            for (RankSession rank : group.sessions()) {
                MemoryAccount account = rank.account();
                account.limitTo(account.held() + account.beside());
            }
            int[][] texts = run(group, group.leader().stepRunner(), requests(group, LONG_PROMPT), 0, () -> {});

            assertThat(texts).isEqualTo(undisturbed);
            assertThat(group.sessions())
                    .allSatisfy(rank -> assertThat(rank.account().left()).isNotNegative());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1", "3, 0"})
    void noEmbeddingIsLost(int tp, int limited) {
        EngineOptions options = new EngineOptions(
                GOLDENS.resolve("bert-encoder").toString(), tp, "fp32", "max", 1, 1L << 30, STEP_TOKENS, 16);
        try (LocalGroup group = LocalGroup.open(options, false)) {
            int vocabulary = group.leader().model().vocabulary();
            List<EmbeddingRequest> requests = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                int[] tokens = new Random(i).ints(PROMPT, 4, vocabulary).toArray();
                requests.add(new EmbeddingRequest(i, null, tokens));
            }
            // One row alone: nothing smaller could be run.
            embed(group, group.leader().stepRunner(), requests.subList(0, 1));
            Lowering lowering = new Lowering(
                    group.leader().stepRunner(), group.sessions().get(limited).account(), 1);

            float[][] found = embed(group, lowering, requests);

            assertThat(lowering.failures).isPositive();
            assertThat(lowering.largestWhileLow).isEqualTo(PROMPT);
            lowering.raise();
            float[][] undisturbed = embed(group, group.leader().stepRunner(), requests);
            for (int i = 0; i < ROWS; i++) {
                assertThat(found[i]).containsExactly(undisturbed[i], Offset.offset(1e-5f));
            }
        }
    }

    private static float[][] embed(LocalGroup group, StepRunner runner, List<EmbeddingRequest> requests) {
        EmbeddingOptions options = new EmbeddingOptions(Pooling.MEAN, true, 0);
        float[][] vectors = new float[requests.size()][];
        new Embedder(runner, group.leader().traits(), null, options)
                .run(requests.iterator(), embedding -> vectors[(int) embedding.id()] = embedding.vector(), () -> false);
        return vectors;
    }

    private static List<Request> requests(LocalGroup group) {
        return requests(group, PROMPT);
    }

    private static List<Request> requests(LocalGroup group, int length) {
        GenerationOptions options =
                GenerationOptions.GREEDY.withMaxNewTokens(NEW_TOKENS).withIgnoreEos(true);
        int vocabulary = group.leader().model().vocabulary();
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            int[] prompt = new Random(i).ints(length, 4, vocabulary).toArray();
            requests.add(new Request(i, null, prompt, options));
        }
        return requests;
    }

    /** @param done rows after which {@code then} is run; 0 for never */
    private static int[][] run(LocalGroup group, StepRunner runner, List<Request> requests, int done, Runnable then) {
        int[][] texts = new int[requests.size()][];
        RequestSource source = new ListSource(requests, 0);
        new Generator(runner, group.leader().traits(), null)
                .run(
                        source,
                        completion -> {
                            assertThat(completion.finish()).isEqualTo(Completion.Finish.LENGTH);
                            texts[(int) completion.id()] = completion.tokenIds();
                            if (Arrays.stream(texts)
                                            .filter(text -> text != null)
                                            .count()
                                    == done) {
                                then.run();
                            }
                        },
                        () -> false);
        return texts;
    }

    /** Lowers a rank's limit before one of the first steps, and notes what happens then. */
    private static final class Lowering implements StepRunner {
        private final StepRunner runner;
        private final MemoryAccount account;
        private final long limit;
        private final int before;
        private boolean low;
        private int steps;
        private int failures;
        private int largestFailed;
        private int largestWhileLow;
        private String message = "";

        /** @param before the step before which it is lowered, from 1 on */
        Lowering(StepRunner runner, MemoryAccount account, int before) {
            this.before = before;
            this.runner = runner;
            this.account = account;
            this.limit = account.limit();
        }

        void raise() {
            low = false;
            account.limitTo(limit);
        }

        @Override
        public Limits limits() {
            return runner.limits();
        }

        @Override
        public StepInput input() {
            return runner.input();
        }

        @Override
        public StepOutput run() {
            if (++steps == before) {
                low = true;
                account.limitTo(account.held());
            }
            int tokens = runner.input().tokens;
            try {
                StepOutput output = runner.run();
                largestWhileLow = low ? Math.max(largestWhileLow, tokens) : largestWhileLow;
                return output;
            } catch (OutOfMemoryException failed) {
                failures++;
                if (tokens > largestFailed) {
                    largestFailed = tokens;
                    message = failed.getMessage();
                }
                throw failed;
            }
        }
    }
}
