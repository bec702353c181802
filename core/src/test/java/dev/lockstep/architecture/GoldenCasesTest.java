package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.checkpoint.TensorInfo;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every golden checkpoint of the families: its graph and its files account for each other. */
class GoldenCasesTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    /**
     * Tensors without a use, in files of any family: tied duplicates of a head, masks and rotary frequencies that old
     * files store, parts for training alone, layers that predict further tokens.
     */
    private static final List<String> NEVER_USED = List.of(
            "lm_head\\.weight",
            ".*\\.attn\\.(masked_)?bias",
            ".*\\.attention\\.(masked_)?bias",
            ".*\\.causal_mask",
            ".*rotary_(pos_)?emb\\.inv_freq",
            "(bert\\.)?embeddings\\.position_ids");

    /** Tensors that the notes of a case, or the reference, leave without a use. */
    private static final Map<String, String> UNUSED = Map.of(
            "t5-hub", "(en|de)coder\\.embed_tokens\\.weight|.*EncDecAttention\\.relative_attention_bias.*",
            "bert-legacy",
                    "bert\\.pooler\\.dense\\.(weight|bias)|cls\\.seq_relationship\\.(weight|bias)"
                            + "|cls\\.predictions\\.decoder\\.(weight|bias)",
            "deepseek_v3", "model\\.layers\\.2\\..*",
            "glm4_moe", "model\\.layers\\.2\\..*");

    static Stream<String> supported() throws IOException {
        try (Stream<Path> folders = Files.list(GOLDENS)) {
            return folders
                    .filter(folder -> Files.isRegularFile(folder.resolve("config.json")))
                    .map(folder -> folder.getFileName().toString())
                    .filter(id -> Architectures.modelTypes()
                            .contains(Configs.golden(id, "").modelType()))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    /** A family without a case is not proven: every model type that is registered has one at least. */
    @Test
    void everyFamilyHasACase() throws IOException {
        Set<String> proven = supported()
                .map(id -> Configs.golden(id, "").modelType())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(proven).isEqualTo(Architectures.modelTypes());
    }

    @ParameterizedTest
    @MethodSource("supported")
    void graphAndFilesAccountForEachOther(String id) {
        try (Checkpoint checkpoint = Checkpoints.open(golden(id))) {
            Model model = Architectures.build(checkpoint);
            Set<String> unused = new TreeSet<>(checkpoint.names());
            for (Weight weight : model.graph().weights()) {
                for (StoredWeight declared : StoredWeight.of(weight)) {
                    TensorInfo found = checkpoint
                            .find(declared.name(), model.names())
                            .orElseGet(() -> fail("the files hold no %s", declared.name()));
                    assertThat(found.shape()).as(declared.name()).isEqualTo(declared.shape());
                    unused.remove(found.name());
                }
            }
            String allowed = String.join("|", NEVER_USED) + "|" + UNUSED.getOrDefault(id, "none");
            assertThat(unused).allMatch(name -> name.matches(allowed));
            assertThat(Architectures.unknownKeys(checkpoint.config())).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama CAUSAL_LM logits[target.outputs,128]",
                "opt-350m CAUSAL_LM logits[target.outputs,128]",
                "gpt-j CAUSAL_LM logits[target.outputs,128]",
                "gpt2 CAUSAL_LM logits[target.outputs,128]",
                "bloom CAUSAL_LM logits[target.outputs,128]",
                "t5 SEQ2SEQ_LM encoder[source,32] logits[target.outputs,128]",
                "t5-encoder ENCODER hidden[source,32]",
                "bert MASKED_LM hidden[source,32] logits[source.outputs,128]",
                "bert-encoder ENCODER hidden[source,32] pooled[source.first,32]",
                "bert-qa QUESTION_ANSWERING hidden[source,32] span[source,2]",
                "bert-regression SEQUENCE_CLASSIFICATION hidden[source,32] pooled[source.first,32] logits[source.first,1]",
                "bert-seqcls SEQUENCE_CLASSIFICATION hidden[source,32] pooled[source.first,32] logits[source.first,3]",
                "bert-tokcls TOKEN_CLASSIFICATION hidden[source,32] logits[source,5]"
            })
    void tasksAndOutputs(String expected) {
        String id = expected.substring(0, expected.indexOf(' '));
        try (Checkpoint checkpoint = Checkpoints.open(golden(id))) {
            Model model = Architectures.build(checkpoint);
            List<String> outputs = model.graph().outputs().entrySet().stream()
                    .map(output -> output.getKey() + shape(output.getValue()))
                    .toList();
            assertThat(id + " " + model.task() + " " + String.join(" ", outputs))
                    .isEqualTo(expected);
        }
    }

    private static String shape(Value value) {
        return "[" + value.rows() + "," + value.width() + "]";
    }

    static Path golden(String id) {
        return GOLDENS.resolve(id);
    }
}
