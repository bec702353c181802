package dev.lockstep.architecture;

import static dev.lockstep.architecture.SettingsTest.golden;
import static dev.lockstep.architecture.SettingsTest.names;
import static dev.lockstep.architecture.SettingsTest.ops;
import static dev.lockstep.architecture.SettingsTest.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryScaling;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.ScoreTerm;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Settings of the decoders before Llama's line that golden checkpoints do not have: each shows in the graph. */
class ClassicSettingsTest {

    private static Op.Attention attention(Model model) {
        return ops(model, Op.Attention.class).get(0);
    }

    private static List<Reach> reaches(Model model) {
        return ops(model, Op.Attention.class).stream().map(Op.Attention::reach).toList();
    }

    private static boolean normalisedHead(Model model) {
        return model.graph().weights().stream()
                .anyMatch(weight -> weight.expression() instanceof WeightExpression.RowNormalised);
    }

    @Test
    void baichuanGenerations() {
        assertThat(normalisedHead(golden("baichuan", ""))).isFalse();
        assertThat(normalisedHead(golden("baichuan", "'vocab_size': 125696"))).isTrue();
        assertThat(normalisedHead(golden("baichuan-13b", "'z_loss_weight': 0"))).isTrue();
        assertThat(ops(golden("baichuan-13b", ""), Op.Rotary.class)).isEmpty();
        assertThat(ops(golden("baichuan", "", "max_position_embeddings"), Op.Rotary.class))
                .hasSize(4);
    }

    @Test
    void chatGlmSwitches() {
        Model model = golden(
                "chatglm2",
                "'multi_query_attention': false, 'add_bias_linear': true, 'rmsnorm': false, 'post_layer_norm': false,"
                        + " 'rope_ratio': 50");
        assertThat(table(model)).isEqualTo(new RotaryTable(4, 500000, new RotaryScaling.None()));
        assertThat(attention(model).keyValueHeads()).isEqualTo(4);
        assertThat(names(model))
                .contains(
                        "transformer.encoder.layers.0.self_attention.dense.bias",
                        "transformer.encoder.layers.0.mlp.dense_h_to_4h.bias",
                        "transformer.encoder.layers.1.input_layernorm.bias")
                .doesNotContain("transformer.encoder.final_layernorm.weight", "transformer.output_layer.bias");
        assertThat(names(golden("chatglm2", "", "add_qkv_bias"))).noneMatch(name -> name.contains("bias"));
    }

    @Test
    void falconNorms() {
        assertThat(names(golden("falcon-40b", "'num_ln_in_parallel_attn': 1")))
                .contains("transformer.h.0.input_layernorm.weight")
                .doesNotContain("transformer.h.0.ln_attn.weight", "transformer.h.0.ln_mlp.weight");
    }

    @Test
    void falconHeadsAndPositions() {
        assertThat(attention(golden("falcon", "'num_kv_heads': 4")).keyValueHeads())
                .isEqualTo(1);
        assertThat(attention(golden("falcon", "'multi_query': false")).keyValueHeads())
                .isEqualTo(4);
        assertThat(attention(golden("falcon-40b", "'multi_query': false")).keyValueHeads())
                .isEqualTo(2);
        Model biased = golden("falcon-40b", "'alibi': true, 'ffn_hidden_size': 50, 'activation': 'relu'");
        assertThat(ops(biased, Op.Rotary.class)).isEmpty();
        assertThat(attention(biased).terms())
                .containsExactly(
                        new ScoreTerm.RoundedAlibi(List.of(0.25, 0.0625, 0.015625, 0.00390625), 1 / Math.sqrt(8)));
        assertThat(ops(biased, Op.Activate.class))
                .extracting(Op.Activate::function)
                .containsOnly(ActivationFunction.RELU);
    }

    @Test
    void falconsEarlierConfigsLeaveOutWhatTheirClassesMeant() {
        String[] left = {"multi_query", "parallel_attn", "bias"};
        assertThat(attention(golden("falcon-refinedweb", "", left)).keyValueHeads())
                .isEqualTo(4);
        assertThat(names(golden("falcon-refinedweb", "", left)))
                .contains("transformer.h.0.post_attention_layernorm.weight");
        assertThat(attention(golden("falcon", "", left)).keyValueHeads()).isEqualTo(1);
        assertThat(names(golden("falcon", "", left))).doesNotContain("transformer.h.0.post_attention_layernorm.weight");
    }

    @Test
    void gptNeoKindsOfLayers() {
        assertThat(reaches(golden("gpt-neo", ""))).containsExactly(Reach.ALL, Reach.window(4));
        assertThat(reaches(golden("gpt-neo", "", "attention_types", "window_size")))
                .containsExactly(Reach.ALL, Reach.window(256));
        assertThat(reaches(golden("gpt-neo", "'attention_layers': ['local', 'global']", "attention_types")))
                .containsExactly(Reach.window(4), Reach.ALL);
        assertThat(attention(golden("gpt-neo", "")).scale()).isEqualTo(1);
    }

    @Test
    void gptNeoXSettings() {
        String scaled =
                "'rope_scaling': {'type': 'linear', 'factor': 2}, 'rotary_emb_base': 500, 'attention_bias': false";
        Model model = golden("gpt-neox", scaled, "rotary_pct");
        assertThat(table(model)).isEqualTo(new RotaryTable(2, 500, new RotaryScaling.Linear(2)));
        assertThat(names(model)).noneMatch(name -> name.contains("attention.") && name.endsWith("bias"));
        assertThat(names(golden("gpt-neox", "'tie_word_embeddings': true"))).doesNotContain("embed_out.weight");
    }

    @Test
    void scalesThatAreLeftOut() {
        assertThat(attention(golden("starcode", "'scale_attn_weights': false")).scale())
                .isEqualTo(1);
        assertThat(ops(golden("xglm", "'scale_embedding': false"), Op.Scale.class))
                .isEmpty();
        assertThat(ops(golden("biogpt", "'scale_embedding': false"), Op.Scale.class))
                .isEmpty();
        assertThat(ops(golden("biogpt", ""), Op.Norm.class))
                .extracting(Op.Norm::epsilon)
                .containsOnly(1e-5);
    }

    @Test
    void ctrlsLayersHaveAnEpsilonOfTheirOwn() {
        assertThat(ops(golden("ctrl", "'layer_norm_epsilon': 1e-3"), Op.Norm.class))
                .extracting(Op.Norm::epsilon)
                .containsExactly(1e-6, 1e-6, 1e-6, 1e-6, 1e-3);
    }

    @Test
    void starcoder2Settings() {
        assertThat(names(golden("starcoder2", "'use_bias': false")))
                .filteredOn(name -> name.endsWith("bias"))
                .allMatch(name -> name.contains("norm"));
        assertThat(reaches(golden("starcoder2", "'sliding_window': null"))).containsOnly(Reach.ALL);
        assertThat(attention(golden("starcoder2", "", "num_key_value_heads")).keyValueHeads())
                .isEqualTo(2);
    }

    @Test
    void mptAttention() {
        String settings = "'attn_config': {'softmax_scale': 0.5, 'clip_qkv': 0}";
        assertThat(attention(golden("mpt", settings)).scale()).isEqualTo(0.5);
        assertThat(ops(golden("mpt", settings), Op.Clamp.class)).isEmpty();
        assertThat(attention(golden("mpt", "'d_model': 30, 'n_heads': 3")).terms())
                .containsExactly(new ScoreTerm.Alibi(List.of(Math.pow(2, -4), Math.pow(2, -8), Math.pow(2, -2))));
        assertThat(attention(golden("mpt", "", "attn_config")).scale()).isEqualTo(1 / Math.sqrt(8), within(1e-12));
    }

    @Test
    void normsOfHeads() {
        assertThat(names(golden("phi", "'qk_layernorm': true")))
                .contains("model.layers.0.self_attn.q_layernorm.weight", "model.layers.0.self_attn.k_layernorm.bias");
        assertThat(names(golden("persimmon", "'qk_layernorm': false"))).noneMatch(name -> name.contains("q_layernorm"));
        Model grouped = golden("stablelm", "'qk_layernorm': true, 'num_key_value_heads': 2");
        assertThat(grouped.graph().weights())
                .filteredOn(weight -> weight.name().contains("self_attn.k_layernorm"))
                .first()
                .satisfies(weight -> assertThat(weight.expression().tensorNames())
                        .containsExactly(
                                "model.layers.0.self_attn.k_layernorm.norms.0.weight",
                                "model.layers.0.self_attn.k_layernorm.norms.1.weight"));
        assertThat(names(golden("stablelm", "'use_parallel_residual': true")))
                .doesNotContain("model.layers.0.post_attention_layernorm.weight");
    }

    @Test
    void sharesOfHeadsThatTurn() {
        assertThat(table(golden("stablelm", "", "partial_rotary_factor")).rotated())
                .isEqualTo(2);
        assertThat(table(golden("phi", "", "partial_rotary_factor")).rotated()).isEqualTo(4);
        assertThat(table(golden("nemotron", "'rope_percent': 0.25", "partial_rotary_factor"))
                        .rotated())
                .isEqualTo(2);
        assertThat(table(golden("persimmon", "", "rope_theta")))
                .isEqualTo(new RotaryTable(4, 25000, new RotaryScaling.None()));
    }

    @Test
    void qwenLengths() {
        assertThat(table(golden("qwen", "")).scaling()).isEqualTo(new RotaryScaling.PromptNtk(64));
        Model plain =
                golden("qwen", "'use_dynamic_ntk': false, 'use_logn_attn': false, 'no_bias': false", "seq_length");
        assertThat(table(plain).scaling()).isEqualTo(new RotaryScaling.None());
        assertThat(ops(plain, Op.ScaleByPosition.class)).isEmpty();
        assertThat(names(plain)).contains("transformer.h.0.attn.c_proj.bias", "transformer.h.0.mlp.w1.bias");
    }

    @Test
    void yuanResets() {
        assertThat(attention(golden("yuan", "")).resetToken()).hasValue(3);
        assertThat(attention(golden("yuan", "'reset_position_ids': false")).resetToken())
                .isEqualTo(OptionalInt.empty());
        assertThat(attention(golden("yuan", "", "eod_token")).resetToken()).hasValue(77185);
        assertThat(names(golden("yuan", "'tie_word_embeddings': false"))).contains("lm_head.weight");
    }
}
