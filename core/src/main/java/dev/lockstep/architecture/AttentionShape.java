package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
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
        return of(c, OptionalInt.empty(), OptionalInt.empty());
    }

    /** As above; an absent {@code num_key_value_heads} means so many, null still means one a head. */
    static AttentionShape of(Config c, int absentKeyValueHeads) {
        return of(c, OptionalInt.of(absentKeyValueHeads), OptionalInt.empty());
    }

    /** As above; an absent {@code head_dim} means so many features, null still means a share of the hidden size. */
    static AttentionShape of(Config c, int absentKeyValueHeads, int absentHeadDim) {
        return of(c, OptionalInt.of(absentKeyValueHeads), OptionalInt.of(absentHeadDim));
    }

    private static AttentionShape of(Config c, OptionalInt absentKeyValueHeads, OptionalInt absentHeadDim) {
        int hidden = c.size("hidden_size");
        int heads = c.size("num_attention_heads");
        int keyValueHeads = size(c, absentKeyValueHeads, "num_key_value_heads").orElse(heads);
        if (keyValueHeads > heads || heads % keyValueHeads != 0) {
            throw c.wrong(keyValueHeads, "a divisor of num_attention_heads = " + heads, "num_key_value_heads");
        }
        OptionalInt headDim = size(c, absentHeadDim, "head_dim");
        int width = headDim.isPresent() ? headDim.getAsInt() : even(c, hidden, heads, "num_attention_heads");
        return new AttentionShape(hidden, heads, keyValueHeads, width);
    }

    private static OptionalInt size(Config c, OptionalInt absent, String key) {
        if (c.has(key)) {
            return OptionalInt.of(c.size(key));
        }
        return c.json().has(key) ? OptionalInt.empty() : absent;
    }

    /** Ordinary causal attention of this shape. */
    Op.Attention causal(Reach reach) {
        return causal(1 / Math.sqrt(headDim), reach);
    }

    /** As above, with scores times {@code scale} instead of over the root of the head's width. */
    Op.Attention causal(double scale, Reach reach) {
        return new Op.Attention(heads, keyValueHeads, scale, Op.Pattern.CAUSAL).within(reach);
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
