package dev.lockstep.architecture;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Random configurations of Llama, GPT-J, OPT, GPT-2, BLOOM, T5, BERT and their nearest. */
final class RandomFirstFamilies {
    private RandomFirstFamilies() {}

    static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new TreeMap<>();
        drawings.put("llama", c -> llama(c, "llama", "LlamaForCausalLM"));
        drawings.put("mistral", c -> llama(c, "mistral", "MistralForCausalLM"));
        drawings.put("qwen2", c -> llama(c, "qwen2", "Qwen2ForCausalLM"));
        drawings.put("gptj", RandomFirstFamilies::gptJ);
        drawings.put("opt", RandomFirstFamilies::opt);
        drawings.put("gpt2", RandomFirstFamilies::gpt2);
        drawings.put("bloom", RandomFirstFamilies::bloom);
        drawings.put("t5", c -> t5(c, "T5ForConditionalGeneration"));
        drawings.put("t5-encoder", c -> t5(c, "T5EncoderModel"));
        drawings.put("bert", c -> bert(c, "BertForMaskedLM"));
        drawings.put("bert-encoder", c -> bert(c, "BertModel"));
        drawings.put("bert-qa", c -> bert(c, "BertForQuestionAnswering"));
        drawings.put("bert-seqcls", c -> bert(c, "BertForSequenceClassification"));
        drawings.put("bert-tokcls", c -> bert(c, "BertForTokenClassification"));
        return drawings;
    }

    private static void llama(RandomConfig c, String type, String className) {
        c.common(type, className);
        int heads = c.draw.heads();
        int headDim = c.draw.headDim();
        boolean widthOfItsOwn = c.draw.flag();
        c.put("hidden_size", widthOfItsOwn ? c.draw.odd(33, 63) : heads * headDim);
        c.put("head_dim", widthOfItsOwn ? headDim : null);
        c.put("num_attention_heads", heads);
        c.put("num_key_value_heads", c.draw.keyValueHeads(heads));
        c.put("num_hidden_layers", c.layers);
        c.put("intermediate_size", c.draw.odd(33, 99));
        c.put("max_position_embeddings", RandomConfig.POSITIONS);
        c.put("hidden_act", c.draw.oneOf("silu", "gelu", "gelu_pytorch_tanh"));
        c.put("tie_word_embeddings", c.draw.flag());
        c.maybe("rms_norm_eps", 1e-5);
        RandomRope.into(c.keys, c.draw);
        switch (type) {
            case "mistral" -> c.put("sliding_window", c.draw.flag() ? c.draw.oneOf(3, 17, 64) : null);
            case "qwen2" -> {
                c.put("use_sliding_window", c.draw.flag());
                c.put("sliding_window", c.draw.oneOf(3, 17, 64));
                c.put("max_window_layers", c.draw.oneOf(0, 1, c.layers));
            }
            default -> {
                c.maybe("attention_bias", c.draw.flag());
                c.maybe("mlp_bias", c.draw.flag());
            }
        }
    }

    private static void gptJ(RandomConfig c) {
        c.common("gptj", "GPTJForCausalLM");
        int headDim = gptSizes(c);
        c.put("rotary_dim", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(2, 4, headDim)) : null);
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void gpt2(RandomConfig c) {
        c.common("gpt2", "GPT2LMHeadModel");
        gptSizes(c);
        c.maybe("scale_attn_weights", c.draw.flag());
        c.maybe("scale_attn_by_inverse_layer_idx", c.draw.flag());
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    /** @return features of a head */
    private static int gptSizes(RandomConfig c) {
        int heads = c.draw.heads();
        int headDim = c.draw.headDim();
        c.put("n_embd", heads * headDim);
        c.put("n_head", heads);
        c.put("n_layer", c.layers);
        c.put("n_positions", RandomConfig.POSITIONS);
        c.put("n_inner", c.draw.flag() ? Integer.valueOf(c.draw.odd(33, 99)) : null);
        c.maybe("activation_function", c.draw.oneOf("gelu_new", "gelu", "relu"));
        return headDim;
    }

    private static void opt(RandomConfig c) {
        c.common("opt", "OPTForCausalLM");
        int heads = c.draw.heads();
        int hidden = heads * c.draw.headDim();
        c.put("hidden_size", hidden);
        c.put("num_attention_heads", heads);
        c.put("num_hidden_layers", c.layers);
        c.put("ffn_dim", c.draw.odd(33, 99));
        c.put("max_position_embeddings", RandomConfig.POSITIONS);
        c.put("word_embed_proj_dim", c.draw.flag() ? hidden : c.draw.odd(17, 33));
        c.maybe("activation_function", c.draw.oneOf("relu", "gelu"));
        c.maybe("do_layer_norm_before", c.draw.flag());
        c.maybe("enable_bias", c.draw.flag());
        c.maybe("layer_norm_elementwise_affine", c.draw.flag());
        c.maybe("_remove_final_layer_norm", c.draw.flag());
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void bloom(RandomConfig c) {
        c.common("bloom", "BloomForCausalLM");
        int heads = c.draw.heads();
        c.put("hidden_size", heads * c.draw.headDim());
        c.put("n_head", heads);
        c.put("n_layer", c.layers);
        c.maybe("apply_residual_connection_post_layernorm", c.draw.flag());
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    static void t5(RandomConfig c, String className) {
        c.common("t5", className);
        c.put("decoder_start_token_id", 0);
        int heads = c.draw.heads();
        int headDim = c.draw.headDim();
        c.put("d_model", c.draw.flag() ? heads * headDim : c.draw.odd(33, 63));
        c.put("num_heads", heads);
        c.put("d_kv", headDim);
        c.put("d_ff", c.draw.odd(33, 99));
        c.put("num_layers", c.layers);
        c.maybe("num_decoder_layers", c.draw.oneOf(c.layers, c.layers - 1));
        c.maybe("relative_attention_num_buckets", c.draw.oneOf(8, 16));
        c.maybe("relative_attention_max_distance", c.draw.oneOf(20, 64));
        c.maybe("feed_forward_proj", c.draw.oneOf("relu", "gated-gelu", "gated-silu"));
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void bert(RandomConfig c, String className) {
        c.common("bert", className);
        int heads = c.draw.heads();
        c.put("hidden_size", heads * c.draw.headDim());
        c.put("num_attention_heads", heads);
        c.put("num_hidden_layers", c.layers);
        c.put("intermediate_size", c.draw.odd(33, 99));
        c.put("max_position_embeddings", RandomConfig.POSITIONS);
        c.maybe("type_vocab_size", c.draw.oneOf(2, 3));
        c.maybe("hidden_act", c.draw.oneOf("gelu", "gelu_new", "relu"));
        c.maybe("tie_word_embeddings", c.draw.flag());
        c.maybe("num_labels", c.draw.oneOf(1, 3, 5));
    }
}
