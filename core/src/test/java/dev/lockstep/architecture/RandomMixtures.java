package dev.lockstep.architecture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Random configurations of the families with mixtures of experts: 3, 5 or 7 of them, of odd inner widths. */
final class RandomMixtures {
    private RandomMixtures() {}

    static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new TreeMap<>();
        drawings.put("mixtral", RandomMixtures::mixtral);
        drawings.put("qwen2_moe", RandomMixtures::qwen2);
        drawings.put("qwen3_moe", RandomMixtures::qwen3);
        drawings.put("olmoe", RandomMixtures::olmo);
        drawings.put("granitemoe", RandomMixtures::granite);
        drawings.put("phimoe", RandomMixtures::phi);
        drawings.put("gpt_oss", RandomMixtures::gptOss);
        drawings.put("glm4_moe", RandomMixtures::glm);
        drawings.put("deepseek_v2", RandomMixtures::deepSeek2);
        drawings.put("deepseek_v3", RandomMixtures::deepSeek3);
        drawings.put("llama4_text", RandomMixtures::llama4);
        return drawings;
    }

    /** @return features of a head */
    static int sized(RandomConfig c, String type, String className, boolean mayHaveWidthOfItsOwn) {
        c.common(type, className);
        int headDim = c.sizes(mayHaveWidthOfItsOwn);
        c.maybe("rms_norm_eps", 1e-3);
        c.put("tie_word_embeddings", c.draw.flag());
        c.maybe("hidden_act", c.draw.oneOf("silu", "gelu"));
        return headDim;
    }

    static void experts(RandomConfig c, String key) {
        c.put(key, c.draw.oneOf(3, 5, 7));
        c.put("num_experts_per_tok", c.draw.oneOf(1, 2, 3));
    }

    private static void mixtral(RandomConfig c) {
        sized(c, "mixtral", "MixtralForCausalLM", true);
        RandomRope.into(c.keys, c.draw);
        experts(c, "num_local_experts");
        c.put("sliding_window", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(3, 17, 64)) : null);
    }

    private static void qwen(RandomConfig c) {
        RandomRope.into(c.keys, c.draw);
        experts(c, "num_experts");
        c.put("moe_intermediate_size", c.draw.odd(9, 41));
        c.maybe("norm_topk_prob", c.draw.flag());
        c.maybe("decoder_sparse_step", c.draw.oneOf(1, 2));
        c.maybe("mlp_only_layers", c.draw.flag() ? List.of() : List.of(0));
        c.put("use_sliding_window", c.draw.flag());
        c.put("sliding_window", c.draw.oneOf(3, 17, 64));
    }

    private static void qwen2(RandomConfig c) {
        sized(c, "qwen2_moe", "Qwen2MoeForCausalLM", false);
        qwen(c);
        c.put("shared_expert_intermediate_size", c.draw.odd(17, 51));
        c.maybe("qkv_bias", c.draw.flag());
        c.maybe("max_window_layers", c.draw.oneOf(0, 1, c.layers));
    }

    private static void qwen3(RandomConfig c) {
        sized(c, "qwen3_moe", "Qwen3MoeForCausalLM", true);
        qwen(c);
        c.maybe("attention_bias", c.draw.flag());
    }

    private static void olmo(RandomConfig c) {
        sized(c, "olmoe", "OlmoeForCausalLM", false);
        RandomRope.into(c.keys, c.draw);
        experts(c, "num_experts");
        c.put("clip_qkv", c.draw.flag() ? Double.valueOf(0.7) : null);
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("norm_topk_prob", c.draw.flag());
    }

    static void granite(RandomConfig c) {
        sized(c, "granitemoe", "GraniteMoeForCausalLM", false);
        RandomRope.into(c.keys, c.draw);
        experts(c, "num_local_experts");
        c.maybe("attention_bias", c.draw.flag());
        c.put("attention_multiplier", 0.3);
        c.maybe("embedding_multiplier", 2.0);
        c.maybe("residual_multiplier", 0.5);
        c.put("logits_scaling", 4.0);
    }

    private static void phi(RandomConfig c) {
        int headDim = sized(c, "phimoe", "PhimoeForCausalLM", false);
        experts(c, "num_local_experts");
        c.put("num_experts_per_tok", 2);
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("lm_head_bias", c.draw.flag());
        c.maybe("router_jitter_noise", 0.2);
        c.put("sliding_window", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(3, 64)) : null);
        if (c.draw.flag()) {
            Map<String, Object> rope = new LinkedHashMap<>();
            rope.put("type", "longrope");
            rope.put("short_factor", factors(headDim, 1));
            rope.put("long_factor", factors(headDim, 3));
            rope.put("short_mscale", 1.1);
            rope.put("long_mscale", 1.3);
            rope.put("original_max_position_embeddings", 64);
            c.put("rope_scaling", rope);
        }
    }

    private static List<Double> factors(int headDim, double first) {
        List<Double> factors = new ArrayList<>();
        for (int i = 0; i < headDim / 2; i++) {
            factors.add(first + 0.25 * i);
        }
        return factors;
    }

    private static void gptOss(RandomConfig c) {
        sized(c, "gpt_oss", "GptOssForCausalLM", true);
        experts(c, "num_local_experts");
        if (c.draw.flag()) {
            RandomRope.into(c.keys, c.draw);
        }
        c.maybe("attention_bias", c.draw.flag());
        c.put("sliding_window", c.draw.oneOf(3, 17));
        c.maybe("swiglu_limit", 0.5);
    }

    private static void glm(RandomConfig c) {
        sized(c, "glm4_moe", "Glm4MoeForCausalLM", true);
        c.put("rope_theta", 10000.0);
        c.maybe("partial_rotary_factor", c.draw.flag() ? 0.5 : 1.0);
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("use_qk_norm", c.draw.flag());
        shared(c);
        groups(c);
        c.maybe("norm_topk_prob", c.draw.flag());
    }

    /** What configs of DeepSeek's kind say of the layers. */
    static void shared(RandomConfig c) {
        c.put("moe_intermediate_size", c.draw.odd(9, 27));
        c.maybe("n_shared_experts", c.draw.oneOf(1, 2));
        c.put("first_k_dense_replace", c.draw.oneOf(0, 1));
        c.maybe("routed_scaling_factor", 1.5);
        c.put("num_experts_per_tok", c.draw.oneOf(1, 2, 3));
    }

    static void groups(RandomConfig c) {
        boolean grouped = c.draw.flag();
        c.put("n_routed_experts", grouped ? c.draw.oneOf(9, 15) : c.draw.oneOf(3, 5, 7));
        c.put("n_group", grouped ? 3 : 1);
        c.put("topk_group", grouped ? 2 : 1);
    }

    static void latent(RandomConfig c, String type, String className) {
        c.common(type, className);
        int heads = c.draw.heads();
        int turned = c.draw.oneOf(2, 4, 8);
        c.put("hidden_size", c.draw.odd(33, 63));
        c.put("num_attention_heads", heads);
        c.put("num_key_value_heads", heads);
        c.put("num_hidden_layers", c.layers);
        c.put("intermediate_size", c.draw.odd(33, 99));
        c.put("max_position_embeddings", RandomConfig.POSITIONS);
        c.put("q_lora_rank", c.draw.flag() ? Integer.valueOf(c.draw.odd(9, 21)) : null);
        c.put("kv_lora_rank", c.draw.odd(7, 19));
        c.put("qk_nope_head_dim", c.draw.odd(3, 9));
        c.put("qk_rope_head_dim", turned);
        c.put("v_head_dim", c.draw.odd(3, 9));
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("rms_norm_eps", 1e-3);
        c.put("tie_word_embeddings", c.draw.flag());
        if (c.draw.flag()) {
            Map<String, Object> rope = new LinkedHashMap<>();
            rope.put("type", "yarn");
            rope.put("factor", 4.0);
            rope.put("original_max_position_embeddings", 64);
            rope.put("mscale", 0.7);
            rope.put("mscale_all_dim", c.draw.flag() ? 0.7 : 1.0);
            c.put("rope_scaling", rope);
        }
        shared(c);
    }

    private static void deepSeek2(RandomConfig c) {
        latent(c, "deepseek_v2", "DeepseekV2ForCausalLM");
        groups(c);
        c.maybe("mlp_bias", c.draw.flag());
        c.put("topk_method", c.keys.get("n_group").equals(1) ? "greedy" : "group_limited_greedy");
    }

    private static void deepSeek3(RandomConfig c) {
        latent(c, "deepseek_v3", "DeepseekV3ForCausalLM");
        groups(c);
        c.maybe("norm_topk_prob", c.draw.flag());
        c.maybe("rope_interleave", c.draw.flag());
    }

    private static void llama4(RandomConfig c) {
        sized(c, "llama4_text", "Llama4ForCausalLM", true);
        RandomRope.into(c.keys, c.draw);
        c.put("num_local_experts", c.draw.oneOf(3, 5, 7));
        c.put("num_experts_per_tok", c.draw.oneOf(1, 2));
        c.put("intermediate_size_mlp", c.draw.odd(33, 99));
        c.maybe("interleave_moe_layer_step", c.draw.oneOf(1, 2));
        c.maybe("moe_layers", List.of(1));
        c.put("attention_chunk_size", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(8, 32)) : null);
        c.maybe("no_rope_layer_interval", 2);
        c.maybe("use_qk_norm", c.draw.flag());
        c.maybe("attn_temperature_tuning", c.draw.flag());
        c.put("floor_scale", 16);
        c.maybe("attention_bias", c.draw.flag());
    }
}
