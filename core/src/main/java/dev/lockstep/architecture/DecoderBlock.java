package dev.lockstep.architecture;

import dev.lockstep.graph.Op;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/** One layer of Llama's relatives: attention and feed-forward, and the ways they join the residual stream. */
record DecoderBlock(Norm norm, GroupedAttention attention, GatedMlp mlp) {

    /** The published names of four norms, in the order they are applied. */
    record SandwichNames(String beforeAttention, String afterAttention, String beforeMlp, String afterMlp) {}

    DecoderBlock with(GroupedAttention other) {
        return new DecoderBlock(norm, other, mlp);
    }

    /** x + attention(norm(x)), then x + mlp(norm(x)). */
    Value preNorm(Scope layer, Value x, Op.Attention op) {
        return preNorm(layer, x, op, 1);
    }

    /** As above, with what is added multiplied by a factor. */
    Value preNorm(Scope layer, Value x, Op.Attention op, double factor) {
        Value attended = attend(layer, norm.of(layer, "input_layernorm", x), x, op);
        Value y = x.plus(attended.times(factor));
        return y.plus(
                feed(layer, norm.of(layer, "post_attention_layernorm", y), y).times(factor));
    }

    /** x + norm(attention(x)), then x + norm(mlp(x)). */
    Value postNorm(Scope layer, Value x, Op.Attention op) {
        Value y = x.plus(norm.of(layer, "post_attention_layernorm", attend(layer, x, x, op)));
        return y.plus(norm.of(layer, "post_feedforward_layernorm", feed(layer, y, y)));
    }

    /** x + norm(attention(norm(x))), then x + norm(mlp(norm(x))). */
    Value sandwich(Scope layer, Value x, Op.Attention op, SandwichNames names) {
        Value attended = attend(layer, norm.of(layer, names.beforeAttention(), x), x, op);
        Value y = x.plus(norm.of(layer, names.afterAttention(), attended));
        return y.plus(norm.of(layer, names.afterMlp(), feed(layer, norm.of(layer, names.beforeMlp(), y), y)));
    }

    /** x + attention(norm(x)) + mlp(norm(x)), side by side under one norm. */
    Value parallel(Scope layer, Value x, Op.Attention op) {
        Value y = norm.of(layer, "input_layernorm", x);
        return x.plus(attend(layer, y, x, op)).plus(feed(layer, y, x));
    }

    private Value attend(Scope layer, Value y, Value like, Op.Attention op) {
        return attention.apply(layer.in("self_attn"), y, like, op);
    }

    private Value feed(Scope layer, Value y, Value like) {
        return mlp.apply(layer.in("mlp"), y, like);
    }
}
