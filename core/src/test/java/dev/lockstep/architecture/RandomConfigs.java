package dev.lockstep.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Random configurations of a family, over the settings it honours. Positions reach 320 tokens at least. */
final class RandomConfigs {
    private static final int POSITIONS = 320;

    private final Draw draw;
    private final int layers;
    private final Map<String, Object> config = new LinkedHashMap<>();

    /** What is drawn for one name. */
    private interface Drawing {
        void into(RandomConfigs configs);
    }

    private static final Map<String, Drawing> DRAWINGS = drawings();

    private static Map<String, Drawing> drawings() {
        Map<String, Drawing> drawings = new TreeMap<>();
        drawings.put("llama", c -> c.llama("llama", "LlamaForCausalLM"));
        drawings.put("mistral", c -> c.llama("mistral", "MistralForCausalLM"));
        drawings.put("qwen2", c -> c.llama("qwen2", "Qwen2ForCausalLM"));
        drawings.put("gptj", RandomConfigs::gptJ);
        drawings.put("opt", RandomConfigs::opt);
        drawings.put("gpt2", RandomConfigs::gpt2);
        drawings.put("bloom", RandomConfigs::bloom);
        drawings.put("t5", c -> c.t5("T5ForConditionalGeneration"));
        drawings.put("t5-encoder", c -> c.t5("T5EncoderModel"));
        drawings.put("bert", c -> c.bert("BertForMaskedLM"));
        drawings.put("bert-encoder", c -> c.bert("BertModel"));
        drawings.put("bert-qa", c -> c.bert("BertForQuestionAnswering"));
        drawings.put("bert-seqcls", c -> c.bert("BertForSequenceClassification"));
        drawings.put("bert-tokcls", c -> c.bert("BertForTokenClassification"));
        return drawings;
    }

    private RandomConfigs(Draw draw, int layers) {
        this.draw = draw;
        this.layers = layers;
    }

    static List<String> names() {
        return List.copyOf(DRAWINGS.keySet());
    }

    static Map<String, Object> draw(String name, Draw draw, int layers) {
        Drawing drawing = DRAWINGS.get(name);
        if (drawing == null) {
            throw new IllegalArgumentException("no random checkpoints of '" + name + "', expected one of " + names());
        }
        RandomConfigs configs = new RandomConfigs(draw, layers);
        drawing.into(configs);
        return configs.config;
    }

    private void common(String type, String className) {
        config.put("model_type", type);
        config.put("architectures", List.of(className));
        config.put("vocab_size", draw.odd(61, 139));
        config.put("bos_token_id", 0);
        config.put("eos_token_id", 1);
        config.put("pad_token_id", 0);
    }

    /** Leaves a key out half of the time, so that its default is used. */
    private void maybe(String key, Object value) {
        if (draw.flag()) {
            config.put(key, value);
        }
    }

    private void llama(String type, String className) {
        common(type, className);
        int heads = draw.heads();
        int headDim = draw.headDim();
        boolean widthOfItsOwn = draw.flag();
        config.put("hidden_size", widthOfItsOwn ? draw.odd(33, 63) : heads * headDim);
        config.put("head_dim", widthOfItsOwn ? headDim : null);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", draw.keyValueHeads(heads));
        config.put("num_hidden_layers", layers);
        config.put("intermediate_size", draw.odd(33, 99));
        config.put("max_position_embeddings", POSITIONS);
        config.put("hidden_act", draw.oneOf("silu", "gelu", "gelu_pytorch_tanh"));
        config.put("tie_word_embeddings", draw.flag());
        maybe("rms_norm_eps", 1e-5);
        RandomRope.into(config, draw);
        switch (type) {
            case "mistral" -> config.put("sliding_window", draw.flag() ? draw.oneOf(3, 17, 64) : null);
            case "qwen2" -> {
                config.put("use_sliding_window", draw.flag());
                config.put("sliding_window", draw.oneOf(3, 17, 64));
                config.put("max_window_layers", draw.oneOf(0, 1, layers));
            }
            default -> {
                maybe("attention_bias", draw.flag());
                maybe("mlp_bias", draw.flag());
            }
        }
    }

    private void gptJ() {
        common("gptj", "GPTJForCausalLM");
        int headDim = gptSizes();
        config.put("rotary_dim", draw.flag() ? Integer.valueOf(draw.oneOf(2, 4, headDim)) : null);
        config.put("tie_word_embeddings", draw.flag());
    }

    private void gpt2() {
        common("gpt2", "GPT2LMHeadModel");
        gptSizes();
        maybe("scale_attn_weights", draw.flag());
        maybe("scale_attn_by_inverse_layer_idx", draw.flag());
        maybe("tie_word_embeddings", draw.flag());
    }

    /** @return features of a head */
    private int gptSizes() {
        int heads = draw.heads();
        int headDim = draw.headDim();
        config.put("n_embd", heads * headDim);
        config.put("n_head", heads);
        config.put("n_layer", layers);
        config.put("n_positions", POSITIONS);
        config.put("n_inner", draw.flag() ? Integer.valueOf(draw.odd(33, 99)) : null);
        maybe("activation_function", draw.oneOf("gelu_new", "gelu", "relu"));
        return headDim;
    }

    private void opt() {
        common("opt", "OPTForCausalLM");
        int heads = draw.heads();
        int hidden = heads * draw.headDim();
        config.put("hidden_size", hidden);
        config.put("num_attention_heads", heads);
        config.put("num_hidden_layers", layers);
        config.put("ffn_dim", draw.odd(33, 99));
        config.put("max_position_embeddings", POSITIONS);
        config.put("word_embed_proj_dim", draw.flag() ? hidden : draw.odd(17, 33));
        maybe("activation_function", draw.oneOf("relu", "gelu"));
        maybe("do_layer_norm_before", draw.flag());
        maybe("enable_bias", draw.flag());
        maybe("layer_norm_elementwise_affine", draw.flag());
        maybe("_remove_final_layer_norm", draw.flag());
        maybe("tie_word_embeddings", draw.flag());
    }

    private void bloom() {
        common("bloom", "BloomForCausalLM");
        int heads = draw.heads();
        config.put("hidden_size", heads * draw.headDim());
        config.put("n_head", heads);
        config.put("n_layer", layers);
        maybe("apply_residual_connection_post_layernorm", draw.flag());
        maybe("tie_word_embeddings", draw.flag());
    }

    private void t5(String className) {
        common("t5", className);
        config.put("decoder_start_token_id", 0);
        int heads = draw.heads();
        int headDim = draw.headDim();
        config.put("d_model", draw.flag() ? heads * headDim : draw.odd(33, 63));
        config.put("num_heads", heads);
        config.put("d_kv", headDim);
        config.put("d_ff", draw.odd(33, 99));
        config.put("num_layers", layers);
        maybe("num_decoder_layers", draw.oneOf(layers, layers - 1));
        maybe("relative_attention_num_buckets", draw.oneOf(8, 16));
        maybe("relative_attention_max_distance", draw.oneOf(20, 64));
        maybe("feed_forward_proj", draw.oneOf("relu", "gated-gelu", "gated-silu"));
        maybe("tie_word_embeddings", draw.flag());
    }

    private void bert(String className) {
        common("bert", className);
        int heads = draw.heads();
        config.put("hidden_size", heads * draw.headDim());
        config.put("num_attention_heads", heads);
        config.put("num_hidden_layers", layers);
        config.put("intermediate_size", draw.odd(33, 99));
        config.put("max_position_embeddings", POSITIONS);
        maybe("type_vocab_size", draw.oneOf(2, 3));
        maybe("hidden_act", draw.oneOf("gelu", "gelu_new", "relu"));
        maybe("tie_word_embeddings", draw.flag());
        maybe("num_labels", draw.oneOf(1, 3, 5));
    }
}
