package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.checkpoint.TensorInfo;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every golden checkpoint of the families: its graph and its files account for each other. */
class GoldenCasesTest {
    private static final String TIED_HEAD = "lm_head\\.weight";
    private static final String MASKS = "(transformer\\.)?h\\.\\d+\\.attn\\.(masked_)?bias";

    /** The numbers from zero, which the reference stores as a buffer. */
    private static final String POSITION_IDS = "(bert\\.)?embeddings\\.position_ids";

    /** Tensors that the notes of a case, or the reference, leave without a use. */
    private static final Map<String, String> UNUSED = Map.of(
            "llama", "model\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq",
            "opt", TIED_HEAD,
            "opt-350m", TIED_HEAD,
            "gpt2", MASKS,
            "gpt-j", MASKS,
            "t5-hub", TIED_HEAD + "|(en|de)coder\\.embed_tokens\\.weight|.*EncDecAttention\\.relative_attention_bias.*",
            "bert-legacy",
                    "bert\\.pooler\\.dense\\.(weight|bias)|cls\\.seq_relationship\\.(weight|bias)"
                            + "|cls\\.predictions\\.decoder\\.(weight|bias)");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama",
                "llama2",
                "llama3",
                "codellama",
                "llama-rope-dynamic",
                "llama-rope-linear",
                "llama-rope-yarn",
                "mistral",
                "mistral-v03",
                "qwen2",
                "qwen2-tied",
                "opt",
                "opt-350m",
                "gpt-j",
                "gpt2",
                "bloom",
                "bloom-oddheads",
                "t5",
                "t5-encoder",
                "t5-hub",
                "t5-v1_1",
                "bert",
                "bert-encoder",
                "bert-legacy",
                "bert-qa",
                "bert-regression",
                "bert-seqcls",
                "bert-tokcls"
            })
    void graphAndFilesAccountForEachOther(String id) {
        try (Checkpoint checkpoint = Checkpoints.open(golden(id))) {
            Model model = Architectures.build(checkpoint);
            Set<String> unused = new TreeSet<>(checkpoint.names());
            for (Weight weight : model.graph().weights()) {
                StoredWeight declared = StoredWeight.of(weight);
                TensorInfo found = checkpoint
                        .find(declared.name(), model.names())
                        .orElseGet(() -> fail("the files hold no %s", declared.name()));
                assertThat(found.shape()).as(declared.name()).isEqualTo(declared.shape());
                assertThat(unused.remove(found.name()))
                        .as("used twice: " + found.name())
                        .isTrue();
            }
            assertThat(unused).allMatch(name -> name.matches(UNUSED.getOrDefault(id, "none") + "|" + POSITION_IDS));
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
        return Path.of("src/test/resources/goldens", id);
    }
}
