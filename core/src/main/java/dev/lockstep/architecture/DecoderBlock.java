package dev.lockstep.architecture;

import dev.lockstep.graph.Op;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/** One layer of Llama's relatives: attention and feed-forward, and the ways they join the residual stream. */
record DecoderBlock(Norm norm, GroupedAttention attention, FeedForward mlp) {

    /** A feed-forward at s over y; yields the axes of {@code like}. */
    @FunctionalInterface
    interface FeedForward {
        Value apply(Scope s, Value y, Value like);
    }

    /** The published names of a layer's norms, in the order they are applied; null where there is none. */
    record NormNames(String beforeAttention, String afterAttention, String beforeMlp, String afterMlp) {
        static final NormNames BEFORE = new NormNames("input_layernorm", null, "post_attention_layernorm", null);
        static final NormNames AFTER =
                new NormNames(null, "post_attention_layernorm", null, "post_feedforward_layernorm");
    }

    DecoderBlock with(GroupedAttention other) {
        return new DecoderBlock(norm, other, mlp);
    }

    /** x + attention(norm(x)), then x + mlp(norm(x)), under Llama's names. */
    Value preNorm(Scope layer, Value x, Op.Attention op) {
        return preNorm(layer, x, op, 1);
    }

    /** As above, with what is added multiplied by a factor. */
    Value preNorm(Scope layer, Value x, Op.Attention op, double factor) {
        return serial(layer, x, op, NormNames.BEFORE, factor);
    }

    /** Attention, then feed-forward, each between norms that may be absent; what is added is multiplied by a factor. */
    Value serial(Scope layer, Value x, Op.Attention op, NormNames names, double factor) {
        Value attended = attend(layer, normed(layer, names.beforeAttention(), x), x, op);
        Value y = x.plus(normed(layer, names.afterAttention(), attended).times(factor));
        Value fed = feed(layer, normed(layer, names.beforeMlp(), y), y);
        return y.plus(normed(layer, names.afterMlp(), fed).times(factor));
    }

    /** x + attention(norm(x)) + mlp(norm(x)), side by side under one norm. */
    Value parallel(Scope layer, Value x, Op.Attention op) {
        Value y = norm.of(layer, "input_layernorm", x);
        return x.plus(attend(layer, y, x, op)).plus(feed(layer, y, x));
    }

    private Value normed(Scope layer, String name, Value x) {
        return name == null ? x : norm.of(layer, name, x);
    }

    private Value attend(Scope layer, Value y, Value like, Op.Attention op) {
        return attention.apply(layer.in("self_attn"), y, like, op);
    }

    private Value feed(Scope layer, Value y, Value like) {
        return mlp.apply(layer.in("mlp"), y, like);
    }
}
