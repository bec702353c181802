package dev.lockstep.architecture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One random configuration while it is drawn. Positions reach 320 tokens at least. */
final class RandomConfig {
    static final int POSITIONS = 320;

    final Draw draw;
    final int layers;
    final Map<String, Object> keys = new LinkedHashMap<>();

    RandomConfig(Draw draw, int layers) {
        this.draw = draw;
        this.layers = layers;
    }

    void put(String key, Object value) {
        keys.put(key, value);
    }

    /** Leaves a key out half of the time, so that its default is used. */
    void maybe(String key, Object value) {
        if (draw.flag()) {
            keys.put(key, value);
        }
    }

    void common(String type, String className) {
        put("model_type", type);
        put("architectures", List.of(className));
        put("vocab_size", draw.odd(61, 139));
        put("bos_token_id", 0);
        put("eos_token_id", 1);
        put("pad_token_id", 0);
    }

    /**
     * Heads, their widths and the feed-forward's in the keys that most families share.
     *
     * @return features of a head
     */
    int sizes(boolean mayHaveWidthOfItsOwn) {
        int heads = draw.heads();
        int headDim = draw.headDim();
        boolean own = draw.flag() && mayHaveWidthOfItsOwn;
        put("hidden_size", own ? draw.odd(33, 63) : heads * headDim);
        if (mayHaveWidthOfItsOwn) {
            put("head_dim", own ? Integer.valueOf(headDim) : null);
        }
        put("num_attention_heads", heads);
        put("num_key_value_heads", draw.keyValueHeads(heads));
        put("num_hidden_layers", layers);
        put("intermediate_size", draw.odd(33, 99));
        put("max_position_embeddings", POSITIONS);
        return headDim;
    }
}
