package dev.lockstep.architecture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** Random configurations of Llama's later relatives: those with separate or fused maps, and no experts. */
final class RandomLlamaRelatives {
    private RandomLlamaRelatives() {}

    static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new TreeMap<>();
        drawings.put("apertus", RandomLlamaRelatives::apertus);
        drawings.put("arcee", c -> squared(c, "arcee", "ArceeForCausalLM"));
        drawings.put("cohere", RandomLlamaRelatives::cohere);
        drawings.put("cohere2", RandomLlamaRelatives::cohere2);
        drawings.put("cwm", RandomLlamaRelatives::cwm);
        drawings.put("ernie4_5", RandomLlamaRelatives::ernie);
        drawings.put("exaone", RandomLlamaRelatives::firstExaone);
        drawings.put("exaone4", RandomLlamaRelatives::exaone);
        drawings.put("gemma", RandomLlamaRelatives::gemma);
        drawings.put("gemma2", c -> laterGemma(c, "gemma2", "Gemma2ForCausalLM"));
        drawings.put("gemma3_text", RandomLlamaRelatives::gemma3);
        drawings.put("glm", c -> glm(c, "glm", "GlmForCausalLM"));
        drawings.put("glm4", c -> glm(c, "glm4", "Glm4ForCausalLM"));
        drawings.put("granite", c -> granite(c, "granite", "GraniteForCausalLM"));
        drawings.put("helium", RandomLlamaRelatives::helium);
        drawings.put("hunyuan_v1_dense", RandomLlamaRelatives::hunyuan);
        drawings.put("hyperclovax", c -> granite(c, "hyperclovax", "HyperCLOVAXForCausalLM"));
        drawings.put("internlm3", RandomLlamaRelatives::internLm);
        drawings.put("jais2", c -> squared(c, "jais2", "Jais2ForCausalLM"));
        drawings.put("ministral", RandomLlamaRelatives::ministral);
        drawings.put("ministral3", RandomLlamaRelatives::ministral3);
        drawings.put("olmo", RandomLlamaRelatives::olmo);
        drawings.put("olmo2", c -> plain(c, "olmo2", "Olmo2ForCausalLM").maybe("attention_bias", c.draw.flag()));
        drawings.put("olmo3", RandomLlamaRelatives::olmo3);
        drawings.put("phi3", RandomLlamaRelatives::phi);
        drawings.put("qwen3", RandomLlamaRelatives::qwen3);
        drawings.put("seed_oss", RandomLlamaRelatives::seedOss);
        drawings.put("smollm3", RandomLlamaRelatives::smolLm);
        drawings.put("vaultgemma", c -> laterGemma(c, "vaultgemma", "VaultGemmaForCausalLM"));
        return drawings;
    }

    /** What nearly all of them publish, without positions. */
    private static RandomConfig sized(RandomConfig c, String type, String className) {
        c.common(type, className);
        c.sizes(true);
        c.maybe("rms_norm_eps", 1e-3);
        c.put("tie_word_embeddings", c.draw.flag());
        return c;
    }

    private static RandomConfig plain(RandomConfig c, String type, String className) {
        sized(c, type, className);
        c.maybe("hidden_act", c.draw.oneOf("silu", "gelu", "gelu_pytorch_tanh"));
        RandomRope.into(c.keys, c.draw);
        return c;
    }

    private static void apertus(RandomConfig c) {
        plain(c, "apertus", "ApertusForCausalLM");
        // Without a scaling, the base is fixed.
        c.keys.computeIfPresent("rope_theta", (key, theta) -> c.keys.get("rope_scaling") == null ? 12e6 : theta);
        c.put("hidden_act", c.draw.oneOf("xielu", "xielu", "relu2"));
        c.maybe("attention_bias", c.draw.flag());
    }

    private static void gemma(RandomConfig c) {
        plain(c, "gemma", "GemmaForCausalLM");
        c.maybe("attention_bias", c.draw.flag());
    }

    private static void laterGemma(RandomConfig c, String type, String className) {
        sized(c, type, className);
        c.maybe("hidden_activation", c.draw.oneOf("silu", "gelu_pytorch_tanh"));
        c.maybe("attention_bias", c.draw.flag());
        c.put("query_pre_attn_scalar", c.draw.oneOf(4, 9, 16));
        c.put("final_logit_softcapping", c.draw.flag() ? Integer.valueOf(3) : null);
        c.put("attn_logit_softcapping", c.draw.flag() ? Integer.valueOf(2) : null);
        c.put("sliding_window", c.draw.oneOf(3, 17, 64));
        if (c.draw.flag()) {
            c.put("layer_types", layerTypes(c));
        }
    }

    private static void gemma3(RandomConfig c) {
        laterGemma(c, "gemma3_text", "Gemma3ForCausalLM");
        c.maybe("sliding_window_pattern", c.draw.oneOf(1, 2, 3));
        ropeByKind(c);
        c.maybe("rope_local_base_freq", c.draw.oneOf(100, 10000));
    }

    private static void ministral(RandomConfig c) {
        plain(c, "ministral", "MinistralForCausalLM");
        c.put("sliding_window", c.draw.oneOf(3, 17, 64));
        c.maybe("layer_types", layerTypes(c));
    }

    private static void ministral3(RandomConfig c) {
        sized(c, "ministral3", "Ministral3ForCausalLM");
        c.maybe("sliding_window", c.draw.oneOf(3, 17, 64));
        Map<String, Object> rope = new LinkedHashMap<>();
        rope.put("rope_type", "yarn");
        rope.put("rope_theta", 10000);
        rope.put("factor", c.draw.oneOf(2, 4));
        rope.put("original_max_position_embeddings", c.draw.oneOf(16, 100));
        rope.put("llama_4_scaling_beta", c.draw.flag() ? 0.3 : 0.1);
        rope.put("mscale", 1);
        rope.put("mscale_all_dim", c.draw.oneOf(0, 1));
        c.put("rope_parameters", rope);
    }

    private static void qwen3(RandomConfig c) {
        plain(c, "qwen3", "Qwen3ForCausalLM");
        c.maybe("attention_bias", c.draw.flag());
        c.put("use_sliding_window", c.draw.flag());
        c.put("sliding_window", c.draw.oneOf(3, 17, 64));
        c.put("max_window_layers", c.draw.oneOf(0, 1, c.layers));
    }

    private static void internLm(RandomConfig c) {
        plain(c, "internlm3", "InternLM3ForCausalLM");
        c.maybe("qkv_bias", c.draw.flag());
        c.maybe("bias", c.draw.flag());
    }

    private static void seedOss(RandomConfig c) {
        plain(c, "seed_oss", "SeedOssForCausalLM");
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("attention_out_bias", c.draw.flag());
        c.maybe("mlp_bias", c.draw.flag());
    }

    private static void ernie(RandomConfig c) {
        plain(c, "ernie4_5", "Ernie4_5ForCausalLM");
        c.maybe("use_bias", c.draw.flag());
    }

    private static void smolLm(RandomConfig c) {
        plain(c, "smollm3", "SmolLM3ForCausalLM");
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("mlp_bias", c.draw.flag());
        c.maybe("no_rope_layer_interval", c.draw.oneOf(2, 3));
        c.maybe("no_rope_layers", draws(c, () -> c.draw.oneOf(0, 1)));
        if (c.draw.flag()) {
            c.put("use_sliding_window", true);
            c.put("sliding_window", c.draw.oneOf(3, 17, 64));
            c.maybe("layer_types", layerTypes(c));
        }
    }

    private static void hunyuan(RandomConfig c) {
        sized(c, "hunyuan_v1_dense", "HunYuanDenseV1ForCausalLM");
        c.maybe("attention_bias", c.draw.flag());
        if (c.draw.flag()) {
            c.put("rope_scaling", Map.of("type", "dynamic", "alpha", c.draw.oneOf(2, 1000), "factor", 1.0));
        } else {
            RandomRope.into(c.keys, c.draw);
        }
    }

    private static void granite(RandomConfig c, String type, String className) {
        plain(c, type, className);
        if (type.equals("hyperclovax")) {
            c.maybe("use_post_norm", c.draw.flag());
        }
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("mlp_bias", c.draw.flag());
        c.put("attention_multiplier", 0.2);
        c.maybe("embedding_multiplier", c.draw.oneOf(2, 3));
        c.maybe("residual_multiplier", 0.3);
        c.maybe("logits_scaling", c.draw.oneOf(2, 4));
    }

    private static void olmo(RandomConfig c) {
        plain(c, "olmo", "OlmoForCausalLM");
        c.keys.remove("rms_norm_eps");
        c.maybe("attention_bias", c.draw.flag());
        c.put("clip_qkv", c.draw.flag() ? Double.valueOf(0.7) : null);
    }

    private static void olmo3(RandomConfig c) {
        sized(c, "olmo3", "Olmo3ForCausalLM");
        c.maybe("attention_bias", c.draw.flag());
        c.put("sliding_window", c.draw.oneOf(3, 17, 64));
        c.maybe("layer_types", layerTypes(c));
        ropeByKind(c);
    }

    private static void firstExaone(RandomConfig c) {
        plain(c, "exaone", "ExaoneForCausalLM");
        c.put("num_layers", c.keys.remove("num_hidden_layers"));
        c.put("layer_norm_epsilon", 1e-5);
        c.keys.remove("rms_norm_eps");
    }

    private static void exaone(RandomConfig c) {
        plain(c, "exaone4", "Exaone4ForCausalLM");
        c.put("sliding_window", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(3, 17, 64)) : null);
        c.put("sliding_window_pattern", c.draw.flag() ? "LGL" : Integer.valueOf(c.draw.oneOf(2, 3)));
    }

    private static void squared(RandomConfig c, String type, String className) {
        plain(c, type, className);
        c.keys.remove("rms_norm_eps");
        c.maybe("hidden_act", c.draw.oneOf("relu2", "gelu"));
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("mlp_bias", c.draw.flag());
    }

    private static void helium(RandomConfig c) {
        plain(c, "helium", "HeliumForCausalLM");
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("mlp_bias", c.draw.flag());
    }

    private static void cwm(RandomConfig c) {
        plain(c, "cwm", "CwmForCausalLM");
        if (c.keys.get("rope_scaling") == null && !c.keys.containsKey("rope_parameters")) {
            // Without rotary settings the family takes those of its first model.
            c.keys.remove("rope_theta");
        }
        c.maybe("mlp_bias", c.draw.flag());
        c.put("sliding_window", c.draw.oneOf(3, 17, 64));
        c.maybe("layer_types", layerTypes(c));
    }

    private static void phi(RandomConfig c) {
        sized(c, "phi3", "Phi3ForCausalLM");
        int headDim = c.keys.get("head_dim") == null
                ? (int) c.keys.get("hidden_size") / (int) c.keys.get("num_attention_heads")
                : (int) c.keys.get("head_dim");
        c.put("sliding_window", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(3, 17, 64)) : null);
        boolean half = c.draw.flag();
        if (half) {
            c.put("partial_rotary_factor", 0.5);
        }
        if (c.draw.flag()) {
            int pairs = headDim / (half ? 4 : 2);
            c.put("original_max_position_embeddings", 64);
            c.put(
                    "rope_scaling",
                    Map.of(
                            "type",
                            c.draw.oneOf("longrope", "su"),
                            "short_factor",
                            Collections.nCopies(pairs, 1.25),
                            "long_factor",
                            Collections.nCopies(pairs, 3)));
        }
    }

    private static void glm(RandomConfig c, String type, String className) {
        plain(c, type, className);
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("partial_rotary_factor", c.draw.flag() ? 0.5 : 1.0);
    }

    private static void cohere(RandomConfig c) {
        plain(c, "cohere", "CohereForCausalLM");
        commands(c);
        c.maybe("use_qk_norm", c.draw.flag());
    }

    private static void cohere2(RandomConfig c) {
        plain(c, "cohere2", "Cohere2ForCausalLM");
        commands(c);
        c.put("sliding_window", c.draw.oneOf(3, 17, 64));
        c.maybe("sliding_window_pattern", c.draw.oneOf(2, 3));
    }

    private static void commands(RandomConfig c) {
        c.keys.remove("rms_norm_eps");
        c.maybe("layer_norm_eps", 1e-3);
        c.maybe("attention_bias", c.draw.flag());
        c.put("logit_scale", c.draw.oneOf(1, 2));
    }

    /** Positions by the kind of layer, in the older and the newer form. */
    private static void ropeByKind(RandomConfig c) {
        Map<String, Object> scaled = new LinkedHashMap<>();
        scaled.put("rope_type", c.draw.oneOf("linear", "yarn"));
        scaled.put("factor", c.draw.oneOf(2, 4));
        if (c.draw.flag()) {
            scaled.put("rope_theta", c.draw.oneOf(1000, 500000));
            c.put("rope_parameters", Map.of("full_attention", scaled, "sliding_attention", Map.of("rope_theta", 100)));
        } else {
            c.maybe("rope_theta", c.draw.oneOf(1000, 500000));
            c.put("rope_scaling", c.draw.flag() ? scaled : null);
        }
    }

    private static List<Object> layerTypes(RandomConfig c) {
        return draws(c, () -> c.draw.oneOf("full_attention", "sliding_attention"));
    }

    private static List<Object> draws(RandomConfig c, Supplier<Object> one) {
        List<Object> drawn = new ArrayList<>();
        IntStream.range(0, c.layers).forEach(layer -> drawn.add(one.get()));
        return drawn;
    }
}
