package dev.lockstep.architecture;

import dev.lockstep.graph.Op;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/**
 * Attention of grouped queries over separate projections {@code q_proj, k_proj, v_proj, o_proj}: what Llama and its many
 * relatives share, and the few places where they differ.
 *
 * @param bias whether queries, keys and values have one
 * @param outputBias whether the output has one
 * @param rope positions, or null for none
 * @param interleaved whether neighbouring features turn together, instead of the halves of a head
 * @param before what happens to queries and keys before they turn
 * @param after and after
 */
record GroupedAttention(
        AttentionShape shape,
        boolean bias,
        boolean outputBias,
        RotaryTable rope,
        boolean interleaved,
        Touch before,
        Touch after) {

    /** Something done to queries ({@code which} is "q") and keys ("k"): a norm, a clamp, a factor. */
    @FunctionalInterface
    interface Touch {
        Touch NONE = (s, which, x) -> x;

        Value of(Scope s, String which, Value x);
    }

    /** Without biases; halves of whole heads turn. */
    static GroupedAttention of(AttentionShape shape, RotaryTable rope) {
        return new GroupedAttention(shape, false, false, rope, false, Touch.NONE, Touch.NONE);
    }

    GroupedAttention biased(boolean newBias, boolean newOutputBias) {
        return new GroupedAttention(shape, newBias, newOutputBias, rope, interleaved, before, after);
    }

    GroupedAttention interleavedPairs() {
        return new GroupedAttention(shape, bias, outputBias, rope, true, before, after);
    }

    /** With other positions, or none where null. */
    GroupedAttention turnedBy(RotaryTable table) {
        return new GroupedAttention(shape, bias, outputBias, table, interleaved, before, after);
    }

    GroupedAttention beforeTurning(Touch touch) {
        return new GroupedAttention(shape, bias, outputBias, rope, interleaved, touch, after);
    }

    GroupedAttention afterTurning(Touch touch) {
        return new GroupedAttention(shape, bias, outputBias, rope, interleaved, before, touch);
    }

    /** The block at s over y; yields the axes of {@code like}. */
    Value apply(Scope s, Value y, Value like, Op.Attention op) {
        return s.linear("o_proj", attended(s, y, op), like, outputBias);
    }

    /** What the heads yield, before the output's map. */
    Value attended(Scope s, Value y, Op.Attention op) {
        Value q = turned(s, "q", s.linear("q_proj", y, shape.queryWidth(), bias));
        Value k = turned(s, "k", s.linear("k_proj", y, shape.keyValueWidth(), bias));
        Value v = s.linear("v_proj", y, shape.keyValueWidth(), bias);
        return s.attention(q, k, v, op);
    }

    private Value turned(Scope s, String which, Value x) {
        Value y = before.of(s, which, x);
        return after.of(s, which, rope == null ? y : s.rotary(y, shape.headDim(), interleaved, rope));
    }
}
