package dev.lockstep.architecture;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Random configurations of GPT's nearer kin, and of decoders with positions that are added. */
final class RandomGptKin {
    private RandomGptKin() {}

    static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new TreeMap<>();
        drawings.put("biogpt", RandomGptKin::bioGpt);
        drawings.put("codegen", RandomGptKin::codeGen);
        drawings.put("ctrl", RandomGptKin::ctrl);
        drawings.put("gpt_bigcode", RandomGptKin::bigCode);
        drawings.put("gpt_neo", RandomGptKin::gptNeo);
        drawings.put("gpt_neox", RandomGptKin::gptNeoX);
        drawings.put("gpt_neox_japanese", RandomGptKin::gptNeoXJapanese);
        drawings.put("openai-gpt", RandomGptKin::openAi);
        drawings.put("xglm", RandomGptKin::xglm);
        return drawings;
    }

    private static void bioGpt(RandomConfig c) {
        c.common("biogpt", "BioGptForCausalLM");
        c.sizes(false);
        c.keys.remove("num_key_value_heads");
        c.maybe("scale_embedding", c.draw.flag());
        c.maybe("hidden_act", c.draw.oneOf("gelu", "relu"));
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void codeGen(RandomConfig c) {
        c.common("codegen", "CodeGenForCausalLM");
        int heads = c.draw.oneOf(4, 8, 12);
        int headDim = c.draw.headDim();
        gptSizes(c, heads, headDim);
        c.put("rotary_dim", c.draw.flag() ? Integer.valueOf(c.draw.oneOf(2, 4, headDim)) : null);
        c.put("n_inner", c.draw.flag() ? Integer.valueOf(c.draw.odd(33, 99)) : null);
        c.maybe("activation_function", c.draw.oneOf("gelu_new", "relu"));
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void ctrl(RandomConfig c) {
        c.common("ctrl", "CTRLLMHeadModel");
        gptSizes(c, c.draw.heads(), c.draw.headDim());
        c.put("dff", c.draw.odd(33, 99));
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void bigCode(RandomConfig c) {
        c.common("gpt_bigcode", "GPTBigCodeForCausalLM");
        gptSizes(c, c.draw.heads(), c.draw.headDim());
        c.put("n_inner", c.draw.flag() ? Integer.valueOf(c.draw.odd(33, 99)) : null);
        c.maybe("multi_query", c.draw.flag());
        c.maybe("scale_attn_weights", c.draw.flag());
        c.maybe("activation_function", c.draw.oneOf("gelu", "relu"));
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void gptNeo(RandomConfig c) {
        c.common("gpt_neo", "GPTNeoForCausalLM");
        int heads = c.draw.heads();
        c.put("hidden_size", heads * c.draw.headDim());
        c.put("num_heads", heads);
        c.put("num_layers", c.layers);
        c.put("max_position_embeddings", RandomConfig.POSITIONS);
        c.put("intermediate_size", c.draw.flag() ? Integer.valueOf(c.draw.odd(33, 99)) : null);
        c.maybe("window_size", c.draw.oneOf(3, 17, 64));
        if (c.draw.flag()) {
            c.put("attention_types", List.of(List.of(List.of("local"), c.layers)));
        } else {
            c.maybe("attention_layers", Collections.nCopies(c.layers, c.draw.oneOf("global", "local")));
        }
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void gptNeoX(RandomConfig c) {
        c.common("gpt_neox", "GPTNeoXForCausalLM");
        c.sizes(false);
        c.keys.remove("num_key_value_heads");
        RandomClassicDecoders.partialRope(c, "rotary_pct");
        c.maybe("use_parallel_residual", c.draw.flag());
        c.maybe("attention_bias", c.draw.flag());
        c.maybe("hidden_act", c.draw.oneOf("gelu", "relu"));
        c.put("tie_word_embeddings", c.draw.flag());
    }

    private static void gptNeoXJapanese(RandomConfig c) {
        c.common("gpt_neox_japanese", "GPTNeoXJapaneseForCausalLM");
        c.sizes(false);
        c.keys.remove("num_key_value_heads");
        c.keys.remove("intermediate_size");
        c.put("intermediate_multiple_size", c.draw.oneOf(1, 2, 4));
        c.maybe("rotary_pct", c.draw.flag() ? 0.5 : 1.0);
        c.maybe("hidden_act", c.draw.oneOf("gelu", "relu"));
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void openAi(RandomConfig c) {
        c.common("openai-gpt", "OpenAIGPTLMHeadModel");
        gptSizes(c, c.draw.heads(), c.draw.headDim());
        c.maybe("afn", c.draw.oneOf("gelu", "relu", "swish"));
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void xglm(RandomConfig c) {
        c.common("xglm", "XGLMForCausalLM");
        int heads = c.draw.heads();
        // Odd widths too: the last feature of a position is zero then.
        c.put("d_model", heads * c.draw.oneOf(5, 8, 16));
        c.put("attention_heads", heads);
        c.put("num_layers", c.layers);
        c.put("ffn_dim", c.draw.odd(33, 99));
        c.maybe("scale_embedding", c.draw.flag());
        c.maybe("activation_function", c.draw.oneOf("gelu", "relu"));
        c.maybe("tie_word_embeddings", c.draw.flag());
    }

    private static void gptSizes(RandomConfig c, int heads, int headDim) {
        c.put("n_embd", heads * headDim);
        c.put("n_head", heads);
        c.put("n_layer", c.layers);
        c.put("n_positions", RandomConfig.POSITIONS);
    }
}
