package dev.lockstep.architecture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Random configurations of the later families with mixtures of experts, or latent attention. */
final class RandomFurtherMixtures {
    private RandomFurtherMixtures() {}

    static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new TreeMap<>();
        drawings.put("ernie4_5_moe", RandomFurtherMixtures::ernie);
        drawings.put("dots1", RandomFurtherMixtures::dots);
        drawings.put("hunyuan_v1_moe", RandomFurtherMixtures::hunyuan);
        drawings.put("flex_olmo", RandomFurtherMixtures::flexOlmo);
        drawings.put("minimax_m2", RandomFurtherMixtures::miniMax);
        drawings.put("granitemoeshared", RandomFurtherMixtures::granite);
        drawings.put("glm4_moe_lite", RandomFurtherMixtures::glmLite);
        drawings.put("exaone_moe", RandomFurtherMixtures::exaone);
        drawings.put("minicpm3", RandomFurtherMixtures::miniCpm);
        drawings.put("dbrx", RandomFurtherMixtures::dbrx);
        drawings.put("cohere2_moe", RandomFurtherMixtures::cohere);
        return drawings;
    }

    private static void ernie(RandomConfig c) {
        RandomMixtures.sized(c, "ernie4_5_moe", "Ernie4_5_MoeForCausalLM", true);
        c.put("rope_theta", 500000.0);
        c.put("moe_num_experts", c.draw.oneOf(3, 5, 7));
        c.put("moe_k", c.draw.oneOf(1, 2, 3));
        c.put("moe_intermediate_size", c.draw.odd(9, 41));
        c.maybe("moe_num_shared_experts", c.draw.oneOf(0, 1));
        c.maybe("moe_layer_start_index", 0);
        c.maybe("moe_layer_end_index", c.layers - 1);
        c.maybe("moe_layer_interval", c.draw.oneOf(1, 2));
        c.maybe("use_bias", c.draw.flag());
    }

    private static void dots(RandomConfig c) {
        RandomMixtures.sized(c, "dots1", "Dots1ForCausalLM", true);
        RandomRope.into(c.keys, c.draw);
        RandomMixtures.shared(c);
        RandomMixtures.groups(c);
        c.maybe("norm_topk_prob", c.draw.flag());
        c.maybe("attention_bias", c.draw.flag());
        c.put("sliding_window", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(3, 17)) : null);
        c.maybe("max_window_layers", c.draw.oneOf(0, 1));
    }

    private static void hunyuan(RandomConfig c) {
        RandomMixtures.sized(c, "hunyuan_v1_moe", "HunYuanMoEV1ForCausalLM", true);
        RandomRope.into(c.keys, c.draw);
        c.put("num_experts", c.draw.oneOf(3, 5, 7));
        List<Integer> chosen = new ArrayList<>();
        for (int layer = 0; layer < c.layers; layer++) {
            chosen.add(c.draw.oneOf(1, 2, 3));
        }
        c.put("moe_topk", c.draw.flag() ? chosen : Integer.valueOf(2));
        c.maybe("attention_bias", c.draw.flag());
    }

    private static void flexOlmo(RandomConfig c) {
        RandomMixtures.sized(c, "flex_olmo", "FlexOlmoForCausalLM", false);
        RandomRope.into(c.keys, c.draw);
        RandomMixtures.experts(c, "num_experts");
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("norm_topk_prob", c.draw.flag());
    }

    private static void miniMax(RandomConfig c) {
        RandomMixtures.sized(c, "minimax_m2", "MiniMaxM2ForCausalLM", true);
        c.put("rope_theta", 10000.0);
        c.maybe("rotary_dim", c.draw.oneOf(2, 4));
        RandomMixtures.experts(c, "num_local_experts");
    }

    private static void granite(RandomConfig c) {
        RandomMixtures.granite(c);
        c.put("model_type", "granitemoeshared");
        c.put("architectures", List.of("GraniteMoeSharedForCausalLM"));
        c.maybe("shared_intermediate_size", c.draw.odd(17, 51));
    }

    private static void glmLite(RandomConfig c) {
        RandomMixtures.latent(c, "glm4_moe_lite", "Glm4MoeLiteForCausalLM");
        RandomMixtures.groups(c);
        c.maybe("norm_topk_prob", c.draw.flag());
        c.maybe("rope_interleave", c.draw.flag());
        c.maybe("mlp_layer_types", kinds(c));
    }

    private static List<String> kinds(RandomConfig c) {
        List<String> kinds = new ArrayList<>();
        for (int layer = 0; layer < c.layers; layer++) {
            kinds.add(c.draw.oneOf("dense", "sparse"));
        }
        return kinds;
    }

    private static void exaone(RandomConfig c) {
        RandomMixtures.sized(c, "exaone_moe", "ExaoneMoeForCausalLM", true);
        c.put("rope_theta", 10000.0);
        RandomMixtures.shared(c);
        RandomMixtures.groups(c);
        c.put("num_experts", c.keys.remove("n_routed_experts"));
        c.keys.remove("n_shared_experts");
        c.maybe("num_shared_experts", c.draw.oneOf(1, 2));
        c.maybe("norm_topk_prob", c.draw.flag());
        c.maybe("mlp_layer_types", kinds(c));
        c.put("sliding_window", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(3, 17)) : null);
        c.maybe("sliding_window_pattern", "LG");
    }

    private static void miniCpm(RandomConfig c) {
        RandomMixtures.latent(c, "minicpm3", "MiniCPM3ForCausalLM");
        List.of(
                        "moe_intermediate_size",
                        "n_shared_experts",
                        "first_k_dense_replace",
                        "num_experts_per_tok",
                        "routed_scaling_factor")
                .forEach(c.keys::remove);
        c.maybe("scale_emb", 3);
        c.maybe("scale_depth", c.draw.flag() ? Double.valueOf(1.1) : null);
        c.maybe("dim_model_base", c.draw.flag() ? Integer.valueOf(16) : null);
        c.maybe("mlp_bias", c.draw.flag());
    }

    private static void dbrx(RandomConfig c) {
        c.common("dbrx", "DbrxForCausalLM");
        int heads = c.draw.heads();
        c.put("d_model", heads * c.draw.headDim());
        c.put("n_heads", heads);
        c.put("n_layers", c.layers);
        c.put("max_seq_len", RandomConfig.POSITIONS);
        Map<String, Object> attention = new LinkedHashMap<>();
        attention.put("kv_n_heads", c.draw.keyValueHeads(heads));
        attention.put("clip_qkv", c.draw.flag() ? Double.valueOf(0.7) : null);
        attention.put("rope_theta", 500000.0);
        c.put("attn_config", attention);
        Map<String, Object> feed = new LinkedHashMap<>();
        feed.put("ffn_hidden_size", c.draw.odd(9, 41));
        feed.put("moe_num_experts", c.draw.oneOf(3, 5, 7));
        feed.put("moe_top_k", c.draw.oneOf(1, 2, 3));
        feed.put("moe_normalize_expert_weights", c.draw.flag() ? Integer.valueOf(1) : null);
        c.put("ffn_config", feed);
    }

    private static void cohere(RandomConfig c) {
        RandomMixtures.sized(c, "cohere2_moe", "Cohere2MoeForCausalLM", true);
        c.put("rope_theta", 10000.0);
        RandomMixtures.experts(c, "num_experts");
        c.put("logit_scale", 0.25);
        c.maybe("num_shared_experts", c.draw.oneOf(0, 1));
        c.maybe("shared_expert_combination_strategy", c.draw.oneOf("sum", "average"));
        c.maybe("expert_selection_fn", c.draw.oneOf("softmax", "sigmoid"));
        c.maybe("norm_topk_prob", c.draw.flag());
        c.maybe("first_k_dense_replace", c.draw.oneOf(0, 1));
        c.maybe("prefix_dense_sliding_window_pattern", c.draw.oneOf(1, 2));
        c.maybe("prefix_dense_intermediate_size", c.draw.odd(17, 51));
        c.put("sliding_window", c.draw.oneOf(3, 17));
        c.maybe("sliding_window_pattern", 2);
        c.maybe("attention_bias", c.draw.flag());
    }
}
