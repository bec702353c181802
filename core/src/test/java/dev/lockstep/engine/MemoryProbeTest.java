package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.program.CpuBackend;
import dev.lockstep.checkpoint.DType;
import dev.lockstep.checkpoint.SafetensorsWriter;
import dev.lockstep.checkpoint.WeightReader;
import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMesh;
import dev.lockstep.generate.Scorer;
import dev.lockstep.generate.StepRunner;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.RankGraph;
import dev.lockstep.runtime.BlockBudget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A limit that small models really fill: what is planned runs, and not a block more. */
class MemoryProbeTest {
    private static final int PROMPT = 17;
    private static final int NEW_TOKENS = 50;
    private static final int ROWS = 12;
    private static final int TOKENS = 256;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"llama,fp32", "llama,bf16", "t5,fp32", "t5,bf16"})
    void thePlannedBatchRunsAtOnceAndOneRowMoreDoesNot(String family, String dtype) {
        Path model = write(family);
        long budget = budget(model, dtype);

        List<Integer> steps = new ArrayList<>();
        for (int rows : new int[] {ROWS, ROWS + 1}) {
            EngineOptions options = new EngineOptions(model.toString(), 1, dtype, "cost", 1, budget, TOKENS, rows);
            try (LocalGroup group = LocalGroup.open(options, false)) {
                MemoryAccount account = group.leader().account();
                long opened = account.held();
                assertThat(opened).isLessThanOrEqualTo(budget - StepSizes.RESERVE);
                FullSteps full = new FullSteps(group.leader().stepRunner());
                List<Scorer.Greedy> texts = new Scorer(full, group.leader().traits())
                        .greedy(
                                cases(group, rows),
                                IntStream.generate(() -> NEW_TOKENS).limit(rows).toArray());

                assertThat(texts).allSatisfy(text -> assertThat(text.tokens()).hasSize(NEW_TOKENS));
                assertThat(full.most).isEqualTo(ROWS);
                assertThat(account.peak()).isLessThanOrEqualTo(budget);
                steps.add(full.decodes);
            }
        }
        assertThat(steps.get(0)).isEqualTo(NEW_TOKENS);
        assertThat(steps.get(1)).isGreaterThan(NEW_TOKENS);
    }

    @ParameterizedTest
    @CsvSource({"llama,1", "llama,3", "t5,2"})
    void aBlockMoreThanMeasuredExceedsTheBudget(String family, int tp) {
        Path folderOfModel = write(family);
        long budget = budget(folderOfModel, "fp32") - (tp - 1) * (1L << 20);
        EngineOptions options =
                new EngineOptions(folderOfModel.toString(), tp, "fp32", "max", 1, budget, TOKENS, 4 * ROWS);
        try (LocalGroup group = LocalGroup.open(options, false)) {
            int blocks = group.leader().runner().limits().blocks();
            assertThat(group.sessions())
                    .allSatisfy(
                            rank -> assertThat(rank.runner().limits().blocks()).isEqualTo(blocks));
            // Of ranks that hold different shares, one decides.
            assertThat(group.sessions()).anySatisfy(rank -> {
                rank.account()
                        .limitTo(budget - StepSizes.RESERVE + rank.account().beside());
                rank.program().resizeCaches(blocks);
                assertThatThrownBy(() -> rank.program().resizeCaches(blocks + 1))
                        .isInstanceOf(OutOfMemoryException.class)
                        .hasMessageContainingAll("cached", "packed weight", "activations", "memoryBudget");
            });
        }
    }

    @Test
    void whatIsMeasuredIsWhatIsHeld() {
        Path model = write("llama");
        long budget = budget(model, "bf16");
        EngineOptions options = new EngineOptions(model.toString(), 1, "bf16", "cost", 2, budget, TOKENS, ROWS);
        Mesh mesh = ThreadMesh.group(1, Duration.ofMinutes(10)).get(0);
        try (mesh;
                ModelFiles files = ModelFiles.open(options.model());
                WeightReader reader = files.checkpoint().reader(files.model().names())) {
            RankGraph graph = new RankGraph(files.model(), files.partition(options), 0);
            StepSizes sizes = StepSizes.of(options, files.model(), false);
            MemoryProbe probe = new MemoryProbe(graph, sizes, Precision.BF16, mesh, budget);
            MemoryProbe.Fitted fitted = probe.open(new CpuBackend(2), reader);
            try (var program = fitted.program()) {
                BlockBudget measured = fitted.measured();
                long cache = fitted.limits().blocks() * measured.blockBytes();
                assertThat(measured.weights() + measured.activations() + measured.work() + cache)
                        .isEqualTo(probe.account().held());
                assertThat(program.memory().cache()).isEqualTo(cache);
                assertThat(program.memory().arena()).isEqualTo(measured.activations());
                assertThat(measured.work()).isPositive();
            }
            assertThat(probe.account().held()).isZero();
        }
    }

    @Test
    void aBudgetTooSmallIsRefusedBeforeWeightsAreRead() {
        Path model = write("llama");
        EngineOptions options = new EngineOptions(model.toString(), 1, "fp32", "cost", 1, 65L << 20, TOKENS, ROWS);

        assertThatThrownBy(() -> LocalGroup.open(options, false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("budget 65.0 MiB", "weights", "spark.lockstep.memoryBudget", "raise tp");
    }

    private static EngineOptions options(Path folder, String dtype) {
        return new EngineOptions(folder.toString(), 1, dtype, "cost", 1, 0, 0, 0);
    }

    /** Of a rank, so that the planned rows fit and half a row more. */
    private static long budget(Path folder, String dtype) {
        try (ModelFiles files = ModelFiles.open(folder.toString())) {
            MemoryPlanner planner =
                    new MemoryPlanner(files.model(), files.partition(options(folder, dtype)), Precision.named(dtype));
            MemoryPlanner.RowLength row = planner.row(PROMPT, NEW_TOKENS);
            long rowBlocks = planner.targetBlocks(row) + planner.sourceBlocks(row);
            BlockBudget ample =
                    planner.largest(row, 1L << 30, StepSizes.RESERVE, TOKENS).budget();
            long half = rowBlocks * ample.blockBytes() / 2;
            long budget = (1L << 30) - ample.free() + (2 * ROWS + 1) * half;
            // The ample batch has more sequences than its step has tokens: the planned one is planned with its own.
            MemoryPlanner.Batch batch = planner.largest(row, budget, StepSizes.RESERVE, TOKENS);
            while (batch.rows() > ROWS) {
                budget -= half;
                batch = planner.largest(row, budget, StepSizes.RESERVE, TOKENS);
            }
            long spare = batch.budget().free() - ROWS * 2 * half;
            assertThat(batch.rows()).isEqualTo(ROWS);
            return budget - spare + half;
        }
    }

    private static List<Scorer.Case> cases(LocalGroup group, int rows) {
        Random random = new Random(3);
        int vocabulary = group.leader().model().vocabulary();
        return IntStream.range(0, rows)
                .mapToObj(
                        row -> Scorer.Case.of(random.ints(PROMPT, 2, vocabulary).toArray()))
                .toList();
    }

    /** Counts how many rows a step runs that are as long as they get. */
    private static final class FullSteps implements StepRunner {
        private final StepRunner runner;
        private int most;
        private int decodes;

        FullSteps(StepRunner runner) {
            this.runner = runner;
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
            StepInput step = runner.input();
            if (step.entry == EntryPoint.DECODE) {
                decodes++;
                int prompt = step.crossLengths[0] > 0 ? 1 : PROMPT;
                int full = 0;
                for (int s = 0; s < step.sequences; s++) {
                    full += step.keyLengths[s] == prompt + NEW_TOKENS - 1 ? 1 : 0;
                }
                most = Math.max(most, full);
            }
            return runner.run();
        }
    }

    /** A model whose matrices are packed without padding. */
    private Path write(String family) {
        Map<String, Object> config = family.equals("llama")
                ? Map.ofEntries(
                        Map.entry("model_type", "llama"),
                        Map.entry("architectures", List.of("LlamaForCausalLM")),
                        Map.entry("hidden_size", 256),
                        Map.entry("intermediate_size", 512),
                        Map.entry("num_hidden_layers", 4),
                        Map.entry("num_attention_heads", 4),
                        Map.entry("num_key_value_heads", 4),
                        Map.entry("max_position_embeddings", 512),
                        Map.entry("rms_norm_eps", 1e-6),
                        Map.entry("tie_word_embeddings", false),
                        Map.entry("vocab_size", 1024))
                : Map.ofEntries(
                        Map.entry("model_type", "t5"),
                        Map.entry("architectures", List.of("T5ForConditionalGeneration")),
                        Map.entry("d_model", 256),
                        Map.entry("d_ff", 512),
                        Map.entry("d_kv", 64),
                        Map.entry("num_heads", 4),
                        Map.entry("num_layers", 3),
                        Map.entry("num_decoder_layers", 3),
                        Map.entry("relative_attention_num_buckets", 8),
                        Map.entry("feed_forward_proj", "relu"),
                        Map.entry("is_encoder_decoder", true),
                        Map.entry("tie_word_embeddings", false),
                        Map.entry("decoder_start_token_id", 0),
                        Map.entry("vocab_size", 1024));
        Path model = folder.resolve(family);
        SafetensorsWriter writer = new SafetensorsWriter();
        writer.checkpoint(model, config);
        // The configuration alone tells which weights there are to be.
        assertThat(model.resolve("model.safetensors").toFile().delete()).isTrue();
        Random random = new Random(5);
        try (ModelFiles files = ModelFiles.open(model.toString())) {
            for (Weight weight : files.model().graph().weights()) {
                writer.random(weight.name(), DType.F32, weight.shape(), random.nextLong(), 0.05f);
            }
        }
        return writer.checkpoint(model, config);
    }
}
