package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Weight;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Settings that golden checkpoints do not have: each shows in the graph. */
class SettingsTest {

    static <O extends Op> List<O> ops(Model model, Class<O> kind) {
        return model.graph().nodes().stream()
                .map(Node::op)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    static Model golden(String id, String changes, String... without) {
        return Architectures.build(Configs.golden(id, changes, without));
    }

    private static List<Reach> windows(Model model) {
        return ops(model, Op.Attention.class).stream().map(Op.Attention::reach).toList();
    }

    static RotaryTable table(Model model) {
        return ops(model, Op.Rotary.class).get(0).table();
    }

    static List<String> names(Model model) {
        return model.graph().weights().stream().map(Weight::name).toList();
    }

    @Test
    void mistralWindows() {
        Reach none = Reach.ALL;
        assertThat(windows(golden("mistral", ""))).containsExactly(Reach.window(6), Reach.window(6));
        assertThat(windows(golden("mistral", "'sliding_window': null"))).containsExactly(none, none);
        assertThat(windows(golden("mistral", "", "sliding_window")))
                .containsExactly(Reach.window(4096), Reach.window(4096));
    }

    @Test
    void qwen2Windows() {
        Reach none = Reach.ALL;
        Reach window = Reach.window(32);
        assertThat(windows(golden("qwen2", "'use_sliding_window': true"))).containsExactly(none, none);
        assertThat(windows(golden("qwen2", "'use_sliding_window': true, 'max_window_layers': 1")))
                .containsExactly(none, window);
        assertThat(windows(golden(
                        "qwen2", "'use_sliding_window': true, 'layer_types': ['sliding_attention', 'full_attention']")))
                .containsExactly(window, none);
    }

    @Test
    void llamaBiases() {
        assertThat(names(golden("llama2", "'attention_bias': true, 'mlp_bias': true")))
                .contains(
                        "model.layers.0.self_attn.q_proj.bias",
                        "model.layers.0.self_attn.o_proj.bias",
                        "model.layers.1.mlp.down_proj.bias");
        assertThat(names(golden("qwen2", "")))
                .contains("model.layers.0.self_attn.k_proj.bias")
                .doesNotContain("model.layers.0.self_attn.o_proj.bias");
    }

    @Test
    void headWidthsOfTheirOwn() {
        int[] shape = golden("mistral", "'head_dim': 10").graph().weights().stream()
                .filter(weight -> weight.name().endsWith("q_proj.weight"))
                .findFirst()
                .orElseThrow()
                .shape();
        assertThat(shape).containsExactly(40, 32);
    }

    @Test
    void rotarySettingsInTheNewForm() {
        RotaryTable table =
                table(golden("llama3", "'rope_parameters': {'rope_type': 'linear', 'factor': 2, 'rope_theta': 77.0}"));
        assertThat(table).isEqualTo(new RotaryTable(16, 77, new RotaryScaling.Linear(2)));
    }

    @Test
    void yarnWithoutAFactorTakesTheRatioOfTheLengths() {
        RotaryTable table = table(golden(
                "llama2", "'rope_scaling': {'type': 'yarn', 'factor': null, 'original_max_position_embeddings': 16}"));
        RotaryScaling.Yarn yarn = (RotaryScaling.Yarn) table.scaling();
        assertThat(yarn.factor()).isEqualTo(4);
        assertThat(yarn.amplitude(1)).isEqualTo(0.1 * Math.log(4) + 1, within(1e-12));
    }

    @Test
    void gpt2Scales() {
        assertThat(ops(golden("gpt2", "'scale_attn_by_inverse_layer_idx': true"), Op.Attention.class))
                .extracting(Op.Attention::scale)
                .containsExactly(1 / Math.sqrt(8), 1 / Math.sqrt(8) / 2);
        assertThat(ops(golden("gpt2", "'scale_attn_weights': false"), Op.Attention.class))
                .extracting(Op.Attention::scale)
                .containsExactly(1.0, 1.0);
    }

    @Test
    void gptJ() {
        assertThat(table(golden("gpt-j", "'rotary_dim': null")).rotated()).isEqualTo(8);
        assertThat(names(golden("gpt-j", "'tie_word_embeddings': true")))
                .contains("lm_head.bias")
                .doesNotContain("lm_head.weight");
    }

    @Test
    void optWithoutBiasesNormWeightsAndFinalNorm() {
        List<String> names = names(golden(
                "opt",
                "'enable_bias': false, 'layer_norm_elementwise_affine': false, '_remove_final_layer_norm': true"));
        assertThat(names).noneMatch(name -> name.contains("bias") || name.contains("norm"));
        assertThat(ops(golden("opt", "'_remove_final_layer_norm': true"), Op.Norm.class))
                .hasSize(4);
        assertThat(names(golden("opt", "'tie_word_embeddings': false"))).contains("lm_head.weight");
    }

    @Test
    void bloomWidthUnderItsOldName() {
        Model model =
                golden("bloom", "'n_embed': 32, 'num_attention_heads': 4, 'n_inner': null", "hidden_size", "n_head");
        assertThat(model.graph().outputs().get("logits").width()).isEqualTo(128);
    }

    @Test
    void bloomResidualsFromTheNorm() {
        assertThat(residualsOfFirstBloomLayer("false"))
                .startsWith("transformer.word_embeddings_layernorm")
                .doesNotContain("transformer.h.0.input_layernorm", "transformer.h.0.post_attention_layernorm");
        assertThat(residualsOfFirstBloomLayer("true"))
                .containsExactly("transformer.h.0.input_layernorm", "transformer.h.0.post_attention_layernorm");
    }

    private static List<String> residualsOfFirstBloomLayer(String fromNorm) {
        Model model = golden("bloom", "'apply_residual_connection_post_layernorm': " + fromNorm);
        return model.graph().nodes().stream()
                .filter(node -> node.op() == Op.Binary.ADD)
                .limit(2)
                .map(node -> node.input(0).producer().displayName())
                .toList();
    }

    @Test
    void t5HeadsOfBothVersions() {
        assertThat(ops(golden("t5", ""), Op.Scale.class)).containsExactly(new Op.Scale(1 / Math.sqrt(32)));
        assertThat(ops(golden("t5-v1_1", ""), Op.Scale.class)).isEmpty();
        String newer = "'tie_word_embeddings': true, 'scale_decoder_outputs': false";
        assertThat(names(golden("t5-v1_1", newer))).doesNotContain("lm_head.weight");
        Model own = Architectures.build(Configs.golden("t5-v1_1", newer), StoredTensors.of(Set.of("lm_head.weight")));
        assertThat(names(own)).contains("lm_head.weight");
        assertThat(ops(own, Op.Scale.class)).isEmpty();
    }

    @Test
    void t5FeedForwards() {
        assertThat(functions("'feed_forward_proj': 'gated-gelu'")).containsOnly(ActivationFunction.GELU_TANH);
        assertThat(functions("'feed_forward_proj': 'gelu'")).containsOnly(ActivationFunction.GELU);
        assertThat(functions("'feed_forward_proj': 'gated-silu'")).containsOnly(ActivationFunction.SILU);
        assertThat(functions("'feed_forward_proj': 'gated-silu', 'dense_act_fn': 'relu', 'is_gated_act': false"))
                .containsOnly(ActivationFunction.RELU);
        assertThat(names(golden("t5", "'feed_forward_proj': 'gated-silu', 'is_gated_act': false")))
                .contains("encoder.block.0.layer.1.DenseReluDense.wi.weight");
    }

    private static List<ActivationFunction> functions(String changes) {
        return ops(golden("t5", changes), Op.Activate.class).stream()
                .map(Op.Activate::function)
                .toList();
    }

    @Test
    void bertHeadsFollowTheFiles() {
        assertThat(Architectures.build(Configs.golden("bert-encoder", ""), StoredTensors.of(Set.of()))
                        .graph()
                        .outputs())
                .containsOnlyKeys("hidden");
        Config untied = Configs.golden("bert", "'tie_word_embeddings': false");
        Set<String> stored = Set.of("cls.predictions.decoder.weight", "cls.predictions.decoder.bias");
        assertThat(names(Architectures.build(untied, StoredTensors.of(stored)))).containsAll(stored);
        assertThat(names(golden("bert", ""))).contains("cls.predictions.bias");
    }

    @Test
    void labels() {
        String[] without = {"id2label", "label2id"};
        assertThat(classifierShape("'num_labels': 7", without)).containsExactly(7, 32);
        assertThat(classifierShape("", without)).containsExactly(2, 32);
        assertThat(classifierShape("'num_labels': 7", "label2id")).containsExactly(3, 32);
        assertThat(classifierShape("", "id2label")).containsExactly(3, 32);
    }

    private static List<Integer> classifierShape(String changes, String... without) {
        int[] shape = golden("bert-seqcls", changes, without).graph().weights().stream()
                .filter(weight -> weight.name().equals("classifier.weight"))
                .findFirst()
                .orElseThrow()
                .shape();
        return Arrays.stream(shape).boxed().toList();
    }

    @Test
    void keysThatNobodyKnowsAreReported() {
        Config config = Configs.golden("mistral", "'attention_bias': true, 'warp_factor': 9, 'attention_dropout': 0.5");
        Architectures.build(config);
        assertThat(Architectures.unknownKeys(config)).containsExactly("attention_bias", "warp_factor");
    }
}
