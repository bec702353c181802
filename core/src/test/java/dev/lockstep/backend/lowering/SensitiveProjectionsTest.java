package dev.lockstep.backend.lowering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.graph.Graph;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SensitiveProjectionsTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");

    /** Separate and fused, behind norms, rotations, concatenations, of the encoder's rows; what is added before a router; no other. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama | self_attn.k_proj, self_attn.q_proj, self_attn.v_proj",
                "qwen3 | self_attn.k_proj, self_attn.q_proj, self_attn.v_proj",
                "yuan  | self_attn.k_proj, self_attn.q_proj, self_attn.v_proj",
                "gpt2  | attn.c_attn",
                "bert  | attention.self.key, attention.self.query, attention.self.value",
                "t5    | EncDecAttention.k, EncDecAttention.q, EncDecAttention.v, SelfAttention.k, SelfAttention.q,"
                        + " SelfAttention.v",
                "mixtral | self_attn.k_proj, self_attn.o_proj, self_attn.q_proj, self_attn.v_proj",
                "minicpm3 | self_attn.kv_a_proj_with_mqa, self_attn.kv_b_proj, self_attn.q_a_proj, self_attn.q_b_proj"
            })
    void queriesKeysValuesAndWhatRoutersRead(String id, String names) {
        try (Checkpoint checkpoint = Checkpoints.open(GOLDENS.resolve(id))) {
            Graph graph = Architectures.build(checkpoint).graph();
            Set<String> found = Stream.concat(
                            SensitiveProjections.beforeAttention(graph).stream(),
                            SensitiveProjections.beforeRouters(graph).stream())
                    .map(weight ->
                            weight.name().replaceFirst("\\.weight$", "").replaceFirst("^.*\\.\\d+\\.(?=\\D)", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(String.join(", ", found)).isEqualTo(names);
        }
    }
}
