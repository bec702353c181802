package dev.lockstep.architecture;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Random configurations of the decoders that came before, or beside, Llama's line. */
final class RandomClassicDecoders {
    private RandomClassicDecoders() {}

    static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new TreeMap<>();
        drawings.put("baichuan", RandomClassicDecoders::baichuan);
        drawings.put("chatglm", RandomClassicDecoders::chatGlm);
        drawings.put("falcon", c -> falcon(c, "falcon", "FalconForCausalLM"));
        drawings.put("refinedweb", c -> falcon(c, "RefinedWeb", "RWForCausalLM"));
        drawings.put("refinedwebmodel", c -> falcon(c, "RefinedWebModel", "RWForCausalLM"));
        drawings.put("mpt", RandomClassicDecoders::mpt);
        drawings.put("nemotron", RandomClassicDecoders::nemotron);
        drawings.put("persimmon", RandomClassicDecoders::persimmon);
        drawings.put("phi", RandomClassicDecoders::phi);
        drawings.put("qwen", RandomClassicDecoders::qwen);
        drawings.put("stablelm", RandomClassicDecoders::stableLm);
        drawings.put("starcoder2", RandomClassicDecoders::starcoder2);
        drawings.put("yuan", RandomClassicDecoders::yuan);
        return drawings;
    }

    private static void baichuan(RandomConfig c) {
        boolean turned = c.draw.flag();
        c.common("baichuan", turned && c.draw.flag() ? "BaiChuanForCausalLM" : "BaichuanForCausalLM");
        equalHeads(c);
        c.put("model_max_length", RandomConfig.POSITIONS);
        if (turned) {
            RandomRope.into(c.keys, c.draw);
        } else {
            c.keys.remove("max_position_embeddings");
        }
        c.maybe("z_loss_weight", 0);
        c.maybe("rms_norm_eps", 1e-5);
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void chatGlm(RandomConfig c) {
        c.common("chatglm", c.draw.oneOf("ChatGLMModel", "ChatGLMForConditionalGeneration"));
        c.put("padded_vocab_size", c.keys.remove("vocab_size"));
        int heads = c.draw.heads();
        int headDim = c.draw.headDim();
        c.put("hidden_size", c.draw.flag() ? heads * headDim : c.draw.odd(33, 63));
        c.put("num_attention_heads", heads);
        c.put("kv_channels", headDim);
        c.put("num_layers", c.layers);
        c.put("ffn_hidden_size", c.draw.odd(33, 99));
        c.put("multi_query_attention", c.draw.flag());
        c.put("multi_query_group_num", c.draw.keyValueHeads(heads));
        c.maybe("add_bias_linear", c.draw.flag());
        c.maybe("add_qkv_bias", c.draw.flag());
        c.maybe("rmsnorm", c.draw.flag());
        c.maybe("apply_residual_connection_post_layernorm", c.draw.flag());
        c.maybe("post_layer_norm", c.draw.flag());
        c.maybe("rope_ratio", c.draw.oneOf(1, 16, 50));
        c.maybe("layernorm_epsilon", 1e-6);
    }

    private static void falcon(RandomConfig c, String type, String className) {
        c.common(type, className);
        boolean older = !type.equals("falcon");
        int heads = c.draw.heads();
        c.put("hidden_size", heads * c.draw.headDim());
        c.put(older ? "n_head" : "num_attention_heads", heads);
        c.put(older ? "n_layer" : "num_hidden_layers", c.layers);
        boolean grouped = type.equals("RefinedWeb") || !older && c.draw.flag();
        if (!older) {
            c.put("new_decoder_architecture", grouped);
        }
        if (grouped) {
            c.put(older ? "n_head_kv" : "num_kv_heads", c.draw.keyValueHeads(heads));
        }
        boolean parallel = grouped || c.draw.flag();
        c.put("parallel_attn", parallel);
        if (grouped && !older) {
            c.maybe("num_ln_in_parallel_attn", c.draw.oneOf(1, 2));
        }
        c.maybe("multi_query", c.draw.flag());
        c.maybe("alibi", c.draw.flag());
        c.maybe("bias", c.draw.flag());
        c.maybe("tie_word_embeddings", c.draw.flag());
        if (!older) {
            c.maybe("ffn_hidden_size", c.draw.odd(33, 99));
            c.maybe("activation", c.draw.oneOf("gelu", "relu", "silu"));
        }
        if (c.keys.get("alibi") != Boolean.TRUE) {
            c.put("max_position_embeddings", RandomConfig.POSITIONS);
            RandomRope.into(c.keys, c.draw);
        }
    }

    private static void mpt(RandomConfig c) {
        c.common("mpt", "MptForCausalLM");
        int heads = c.draw.heads();
        c.put("d_model", heads * c.draw.headDim());
        c.put("n_heads", heads);
        c.put("n_layers", c.layers);
        c.put("max_seq_len", RandomConfig.POSITIONS);
        c.maybe("no_bias", c.draw.flag());
        c.maybe("tie_word_embeddings", c.draw.flag());
        c.maybe("layer_norm_epsilon", 1e-6);
        if (c.draw.flag()) {
            c.put(
                    "attn_config",
                    c.draw.flag()
                            ? Map.of("alibi", true, "clip_qkv", 0.5)
                            : Map.of("alibi", true, "softmax_scale", 0.25, "clip_qkv", 2));
        }
    }

    private static void nemotron(RandomConfig c) {
        c.common("nemotron", "NemotronForCausalLM");
        c.sizes(true);
        partialRope(c, "partial_rotary_factor");
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("mlp_bias", c.draw.flag());
        c.maybe("hidden_act", c.draw.oneOf("relu2", "gelu"));
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void persimmon(RandomConfig c) {
        c.common("persimmon", "PersimmonForCausalLM");
        equalHeads(c);
        partialRope(c, "partial_rotary_factor");
        c.maybe("qk_layernorm", c.draw.flag());
        c.maybe("hidden_act", c.draw.oneOf("relu2", "gelu"));
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void phi(RandomConfig c) {
        c.common("phi", "PhiForCausalLM");
        c.sizes(false);
        partialRope(c, "partial_rotary_factor");
        c.maybe("qk_layernorm", c.draw.flag());
        c.maybe("hidden_act", c.draw.oneOf("gelu_new", "relu"));
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void qwen(RandomConfig c) {
        c.common("qwen", "QWenLMHeadModel");
        int headDim = equalHeads(c);
        c.put("kv_channels", headDim);
        c.put("intermediate_size", 2 * c.draw.odd(33, 99));
        c.put("seq_length", c.draw.oneOf(5, 64, 512));
        c.maybe("use_dynamic_ntk", c.draw.flag());
        c.maybe("use_logn_attn", c.draw.flag());
        c.maybe("no_bias", c.draw.flag());
        c.maybe("rotary_emb_base", c.draw.oneOf(10000, 1000000));
        if (headDim >= 8) {
            c.maybe("rotary_pct", 0.5);
        }
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void stableLm(RandomConfig c) {
        c.common("stablelm", "StableLmForCausalLM");
        c.sizes(false);
        partialRope(c, "partial_rotary_factor");
        c.maybe("qk_layernorm", c.draw.flag());
        c.maybe("use_parallel_residual", c.draw.flag());
        c.maybe("use_qkv_bias", c.draw.flag());
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void starcoder2(RandomConfig c) {
        c.common("starcoder2", "Starcoder2ForCausalLM");
        c.sizes(true);
        RandomRope.into(c.keys, c.draw);
        c.maybe("use_bias", c.draw.flag());
        c.put("sliding_window", c.draw.flag() ? c.draw.oneOf(3, 17, 64) : null);
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void yuan(RandomConfig c) {
        c.common("yuan", "YuanForCausalLM");
        equalHeads(c);
        // A token that random rows hold, or one beyond the vocabulary.
        c.maybe("eod_token", 3);
        c.maybe("reset_attention_mask", c.draw.flag());
        c.maybe("reset_position_ids", c.draw.flag());
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    /** As many key-value heads as heads, as wide as the hidden size together. */
    private static int equalHeads(RandomConfig c) {
        int headDim = c.sizes(false);
        c.keys.remove("num_key_value_heads");
        return headDim;
    }

    /** Rotary settings of a family that turns half of each head, or all of it. */
    static void partialRope(RandomConfig c, String shareKey) {
        RandomRope.into(c.keys, c.draw);
        c.put(shareKey, c.draw.flag() ? 0.5 : 1.0);
    }
}
