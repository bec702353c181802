package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.Gating;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.Routing;
import java.util.List;
import java.util.Optional;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings of the families with experts that golden checkpoints do not have, absent keys above all. */
class MixtureSettingsTest {

    private static <O extends Op> List<O> ops(Model model, Class<O> kind) {
        return model.graph().nodes().stream()
                .map(Node::op)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    private static Model golden(String id, String changes, String... without) {
        return Architectures.build(Configs.golden(id, changes, without));
    }

    private static Routing routing(String id, String changes, String... without) {
        return ops(golden(id, changes, without), Op.Route.class).get(0).routing();
    }

    @ParameterizedTest
    @CsvSource({
        "mixtral, num_local_experts, 8, 2",
        "qwen2-moe, num_experts, 60, 4",
        "qwen3_moe, num_experts, 128, 8",
        "olmoe, num_experts, 64, 8",
        "granitemoe, num_local_experts, 8, 2",
        "phimoe, num_local_experts, 16, 2",
        "gpt_oss, num_local_experts, 128, 4",
        "glm4_moe, n_routed_experts, 128, 8",
        "llama4, num_local_experts, 16, 1",
    })
    void absentCountsAreThePublishedOnes(String id, String key, int experts, int chosen) {
        Routing routing = routing(id, "", key, "num_experts_per_tok", "experts_per_token");
        assertThat(routing.experts()).isEqualTo(experts);
        assertThat(routing.chosen()).isEqualTo(chosen);
    }

    @Test
    void weightsAreDividedByTheirSumWhereTheFamilyDoesSo() {
        assertThat(routing("mixtral", "").renormalised()).isTrue();
        assertThat(routing("qwen2-moe", "", "norm_topk_prob").renormalised()).isFalse();
        assertThat(routing("qwen3_moe", "", "norm_topk_prob").renormalised()).isFalse();
        assertThat(routing("glm4_moe", "", "norm_topk_prob").renormalised()).isTrue();
        assertThat(routing("deepseek_v2", "'norm_topk_prob': true").renormalised())
                .isFalse();
        assertThat(routing("deepseek_v3", "'norm_topk_prob': false").renormalised())
                .isFalse();
    }

    @Test
    void groupsAreWhatTheMethodSays() {
        String groups = "'n_group': 2, 'topk_group': 1, 'topk_method': ";
        assertThat(routing("deepseek_v2", groups + "'greedy'").groups()).isEmpty();
        assertThat(routing("deepseek_v2", groups + "'group_limited_greedy'").groups())
                .contains(new Routing.Groups(2, 1, Routing.Groups.Score.BEST));
        assertThat(routing("deepseek_v3", "").groups())
                .contains(new Routing.Groups(3, 2, Routing.Groups.Score.BEST_TWO));
        assertThat(routing("deepseek_v3", "'n_routed_experts': 16", "n_group", "topk_group")
                        .groups())
                .contains(new Routing.Groups(8, 4, Routing.Groups.Score.BEST_TWO));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "qwen2-moe | 'num_hidden_layers': 6 | 6",
                "qwen2-moe | 'num_hidden_layers': 6, 'decoder_sparse_step': 2 | 3",
                "qwen2-moe | 'num_hidden_layers': 6, 'mlp_only_layers': [0, 3] | 4",
                "qwen3_moe | 'num_hidden_layers': 6, 'mlp_only_layers': [1], 'decoder_sparse_step': 2 | 2",
                "glm4_moe | 'num_hidden_layers': 6 | 5",
                "deepseek_v2 | 'num_hidden_layers': 6, 'first_k_dense_replace': 3 | 3",
                "deepseek_v3 | 'num_hidden_layers': 6, 'first_k_dense_replace': 1, 'moe_layer_freq': 2 | 2",
                "llama4 | 'moe_layers': null, 'interleave_moe_layer_step': 2 | 2",
                "llama4 | 'moe_layers': [3] | 1",
            })
    void theSparseLayersAreThoseThatAreTold(String id, String changes, int expected) {
        assertThat(ops(golden(id, changes), Op.Experts.class)).hasSize(expected);
    }

    @Test
    void latentAttentionKeepsTheLatentAndOneTurnedKey() {
        Model model = golden("deepseek_v3", "");
        int values = 0;
        for (Node node : model.graph().nodes()) {
            if (node.op() instanceof Op.Attention attention) {
                assertThat(attention.keyValueHeads()).isEqualTo(1);
                assertThat(attention.valuesInKeys()).isTrue();
                assertThat(node.input(1).width()).isEqualTo(12 + 4);
                assertThat(CacheSpec.of(node)).isPresent();
                values++;
            }
        }
        assertThat(values).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'rope_scaling': null | 1",
                "'rope_scaling': {'type': 'yarn', 'factor': 40, 'original_max_position_embeddings': 16} | 1",
                "'rope_scaling': {'type': 'yarn', 'factor': 40, 'original_max_position_embeddings': 16, 'mscale_all_dim': 1.0} | 1.368888",
                "'rope_scaling': {'type': 'yarn', 'factor': 40, 'original_max_position_embeddings': 16, 'mscale': 0.7, 'mscale_all_dim': 0.7} | 1.258222",
            })
    void theScaleTakesTheSquareOfYarnsMagnitude(String changes, double magnitude) {
        double expected = magnitude * magnitude / Math.sqrt(12);
        assertThat(ops(golden("deepseek_v2", changes), Op.Attention.class)
                        .get(0)
                        .scale())
                .isCloseTo(expected, Offset.offset(1e-6));
    }

    @Test
    void gptOssStretchesItsPositionsByDefaultAndSeesWindowsInTurns() {
        Model model = golden("gpt_oss", "", "rope_scaling", "rope_theta", "layer_types", "sliding_window");
        Op.Rotary rotary = ops(model, Op.Rotary.class).get(0);
        assertThat(rotary.table().theta()).isEqualTo(150000);
        assertThat(rotary.table().scaling())
                .isEqualTo(new RotaryScaling.Yarn(32, 4096, 32, 1, false, 0.1 * Math.log(32) + 1));
        assertThat(ops(model, Op.Attention.class)).allMatch(Op.Attention::sinks);
        assertThat(ops(model, Op.Attention.class).stream().map(Op.Attention::reach))
                .containsExactly(Reach.window(128), Reach.ALL);
        assertThat(ops(model, Op.Experts.class).get(0).gating()).isEqualTo(new Gating.Clamped(7, 1.702));
    }

    @Test
    void llama4SeesChunksWhereItTurns() {
        String changes = "'no_rope_layers': null, 'no_rope_layer_interval': 2, 'layer_types': null";
        Model model = golden("llama4", changes);
        assertThat(ops(model, Op.Attention.class).stream().map(Op.Attention::reach))
                .containsExactly(Reach.chunk(8), Reach.ALL, Reach.chunk(8), Reach.ALL);
        assertThat(ops(model, Op.ScaleByPosition.class)).hasSize(2);
        assertThat(ops(model, Op.Experts.class)).allMatch(Op.Experts::weighsInput);
        assertThat(ops(golden("llama4", changes + ", 'attn_temperature_tuning': false"), Op.ScaleByPosition.class))
                .isEmpty();
        assertThat(ops(golden("llama4", "'attention_chunk_size': null"), Op.Attention.class))
                .allMatch(op -> op.reach().equals(Reach.ALL));
    }

    @Test
    void phiMixesSparselyWithThePublishedJitter() {
        assertThat(routing("phimoe", "", "router_jitter_noise").scores()).isEqualTo(new Routing.SparseMixer(0.01));
        assertThat(routing("phimoe", "'router_jitter_noise': 0.1").groups()).isEqualTo(Optional.empty());
    }

    @Test
    void sharedExpertsAreOneFeedForward() {
        Model model = golden("deepseek_v2", "'n_shared_experts': 3");
        assertThat(model.graph().weights())
                .filteredOn(weight -> weight.name().equals("model.layers.1.mlp.shared_experts.up_proj.weight"))
                .allMatch(weight -> weight.shape()[0] == 48)
                .hasSize(1);
        assertThat(golden("deepseek_v2", "'n_shared_experts': null").graph().weights())
                .noneMatch(weight -> weight.name().contains("shared_experts"));
    }
}
