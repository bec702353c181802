package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import java.util.OptionalInt;

/**
 * The sizes of an attention layer as configs publish them, checked.
 *
 * @param hidden features of the residual stream
 * @param heads query heads
 * @param keyValueHeads key and value heads, a divisor of heads
 * @param headDim features of a head
 */
record AttentionShape(int hidden, int heads, int keyValueHeads, int headDim) {

    /** From Llama-like keys: {@code num_key_value_heads} and {@code head_dim} may be absent or null. */
    static AttentionShape of(Config c) {
        return of(c, OptionalInt.empty());
    }

    /** As above, where an absent {@code num_key_value_heads} means a number of its own. */
    static AttentionShape of(Config c, OptionalInt absentKeyValueHeads) {
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        boolean absent = !c.json().has("num_key_value_heads");
        int keyValueHeads = c.sizeOr(absent ? absentKeyValueHeads.orElse(heads) : heads, "num_key_value_heads");
        if (keyValueHeads > heads || heads % keyValueHeads != 0) {
            throw c.wrong(keyValueHeads, "a divisor of num_attention_heads = " + heads, "num_key_value_heads");
        }
        OptionalInt given = c.integer("head_dim").map(OptionalInt::of).orElse(OptionalInt.empty());
        int headDim = given.isPresent() ? c.size("head_dim") : even(c, hidden, heads, "num_attention_heads");
        return new AttentionShape(hidden, heads, keyValueHeads, headDim);
    }

    /** hidden / heads, which must be whole. */
    static int even(Config c, int hidden, int heads, String headsKey) {
        if (hidden % heads != 0) {
            throw c.wrong(heads, "a divisor of the hidden size " + hidden, headsKey);
        }
        return hidden / heads;
    }

    int queryWidth() {
        return heads * headDim;
    }

    int keyValueWidth() {
        return keyValueHeads * headDim;
    }
}
