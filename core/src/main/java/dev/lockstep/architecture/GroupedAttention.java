package dev.lockstep.architecture;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;

/**
 * Attention of grouped queries over the projections {@code q_proj, k_proj, v_proj, o_proj}: what Llama and its many
 * relatives share, and the few places where they differ.
 *
 * @param bias whether queries, keys and values have one
 * @param outputBias whether the output has one
 * @param fused the name of one map that yields queries, then keys, then values; null for three maps
 * @param rope positions, or null for none
 * @param interleaved whether neighbouring features turn together, instead of the halves of a head
 * @param projected what happens to queries, keys and values first
 * @param before what happens to queries and keys before they turn
 * @param after and after
 */
record GroupedAttention(
        AttentionShape shape,
        boolean bias,
        boolean outputBias,
        String fused,
        RotaryTable rope,
        boolean interleaved,
        Touch projected,
        Touch before,
        Touch after) {

    /** Something done to queries ({@code which} is "q"), keys ("k") and values ("v"): a norm, a clamp, a factor. */
    @FunctionalInterface
    interface Touch {
        Touch NONE = (s, which, x) -> x;

        Value of(Scope s, String which, Value x);
    }

    /** Without biases; halves of whole heads turn. */
    static GroupedAttention of(AttentionShape shape, RotaryTable rope) {
        return new GroupedAttention(shape, false, false, null, rope, false, Touch.NONE, Touch.NONE, Touch.NONE);
    }

    GroupedAttention biased(boolean newBias, boolean newOutputBias) {
        return new GroupedAttention(shape, newBias, newOutputBias, fused, rope, interleaved, projected, before, after);
    }

    GroupedAttention fusedAs(String name) {
        return new GroupedAttention(shape, bias, outputBias, name, rope, interleaved, projected, before, after);
    }

    GroupedAttention interleavedPairs() {
        return new GroupedAttention(shape, bias, outputBias, fused, rope, true, projected, before, after);
    }

    /** With other positions, or none where null. */
    GroupedAttention turnedBy(RotaryTable table) {
        return new GroupedAttention(shape, bias, outputBias, fused, table, interleaved, projected, before, after);
    }

    GroupedAttention onceProjected(Touch touch) {
        return new GroupedAttention(shape, bias, outputBias, fused, rope, interleaved, touch, before, after);
    }

    GroupedAttention beforeTurning(Touch touch) {
        return new GroupedAttention(shape, bias, outputBias, fused, rope, interleaved, projected, touch, after);
    }

    GroupedAttention afterTurning(Touch touch) {
        return new GroupedAttention(shape, bias, outputBias, fused, rope, interleaved, projected, before, touch);
    }

    /** RMS norms of each head, under the names {@code q_norm} and {@code k_norm}: for {@link #beforeTurning}. */
    static Touch headNorms(AttentionShape shape, double epsilon) {
        return (s, which, x) -> s.headRmsNorm(which + "_norm", x, shape.headDim(), epsilon);
    }

    /** The block at s over y; yields the axes of {@code like}. */
    Value apply(Scope s, Value y, Value like, Op.Attention op) {
        return apply(s, y, like, op, null);
    }

    /** As above, with the logits [heads] that join every softmax and are dropped, or null. */
    Value apply(Scope s, Value y, Value like, Op.Attention op, WeightExpression sinks) {
        return s.linear("o_proj", attended(s, y, op, sinks), like, outputBias);
    }

    /** What the heads yield, before the output's map. */
    Value attended(Scope s, Value y, Op.Attention op) {
        return attended(s, y, op, null);
    }

    private Value attended(Scope s, Value y, Op.Attention op, WeightExpression sinks) {
        List<Value> parts = project(s, y);
        Value q = turned(s, "q", projected.of(s, "q", parts.get(0)));
        Value k = turned(s, "k", projected.of(s, "k", parts.get(1)));
        Value v = projected.of(s, "v", parts.get(2));
        return s.attention(q, k, v, op, null, sinks);
    }

    private List<Value> project(Scope s, Value y) {
        int queries = shape.queryWidth();
        int keys = shape.keyValueWidth();
        if (fused != null) {
            return s.linear(fused, y, queries + 2 * keys, bias).split(queries, keys, keys);
        }
        return List.of(
                s.linear("q_proj", y, queries, bias),
                s.linear("k_proj", y, keys, bias),
                s.linear("v_proj", y, keys, bias));
    }

    private Value turned(Scope s, String which, Value x) {
        Value y = before.of(s, which, x);
        return after.of(s, which, rope == null ? y : s.rotary(y, shape.headDim(), interleaved, rope));
    }
}
