package dev.lockstep.architecture;

import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/** Layers of two blocks, each after a norm and added to the residual stream, whatever the blocks are. */
final class PreNorm {

    /** A block at a layer's place over y; yields the axes of {@code like}. */
    @FunctionalInterface
    interface Block {
        Value of(Scope layer, Value y, Value like);
    }

    private PreNorm() {}

    /** x + attention(norm(x)), then x + feed(norm(x)), under the names of Llama's relatives. */
    static Value layer(Scope layer, Value x, Norm norm, Block attention, Block feed) {
        return layer(layer, x, norm, attention, feed, 1);
    }

    /** As above, with what is added multiplied by a factor. */
    static Value layer(Scope layer, Value x, Norm norm, Block attention, Block feed, double factor) {
        Value attended = attention.of(layer, norm.of(layer, "input_layernorm", x), x);
        Value y = x.plus(attended.times(factor));
        return y.plus(
                feed.of(layer, norm.of(layer, "post_attention_layernorm", y), y).times(factor));
    }
}
