package dev.lockstep.graph;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** What a node computes. Parameters only: operands, weights and axes are the node's. */
public sealed interface Op {

    /** What reports call it. */
    default String name() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** Table rows by index; weights: table [entries, features]. */
    record Lookup(IndexSource index, int offset) implements Op {}

    /** What a look-up is indexed by; learned position tables may start at an offset. */
    enum IndexSource {
        TOKENS,
        POSITIONS,
        TOKEN_TYPES
    }

    /** x · Wᵀ (+ b); weights: W [out, in], then b [out] where {@code bias}. */
    record Linear(boolean bias) implements Op {}

    /** Element by element. */
    enum Binary implements Op {
        ADD,
        MULTIPLY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Times a constant. */
    record Scale(double factor) implements Op {}

    /** Consecutive indices of one factor: {@code part} of {@code whole} from {@code offset}, over {@code minor} features each. */
    record Select(int whole, int offset, int part, int minor) implements Op {}

    /** Features joined. */
    record Concat() implements Op {}

    record Activate(ActivationFunction function) implements Op {}

    /** Weights: scale [features] where {@code weight}, then shift [features] where {@code bias}. */
    record Norm(NormKind kind, double epsilon, boolean weight, boolean bias) implements Op {}

    /** How a norm centres and scales. */
    enum NormKind {
        /** Mean removed, divided by the standard deviation. */
        LAYER,
        /** Divided by the root of the mean square. */
        RMS
    }

    /** Rotary positions over the first {@code rotated} of every head's {@code headDim} features. */
    record Rotary(int headDim, int rotated, boolean interleaved, RotaryTable table) implements Op {}

    /** Rows of an axis: those whose outputs are asked for, or the first of each sequence. */
    record PickRows(RowAxis.Picked which) implements Op {}

    /**
     * Softmax attention. Inputs: query, key, value. Weights: the relative bias table [buckets, heads] where there is
     * one.
     */
    record Attention(
            int heads,
            int keyValueHeads,
            double scale,
            Pattern pattern,
            OptionalInt window,
            PositionBias bias,
            OptionalDouble softCap)
            implements Op {}

    /** Which keys a query row sees. */
    enum Pattern {
        /** Those of its own sequence up to itself; keys are cached. */
        CAUSAL,
        /** All of its own sequence. */
        BIDIRECTIONAL,
        /** All rows of another axis; keys are cached when that axis is run. */
        CROSS
    }

    /** What positions add to the scaled scores. */
    sealed interface PositionBias {}

    record NoBias() implements PositionBias {}

    /** slope[head] * (key position - query position). */
    record Alibi(List<Double> slopes) implements PositionBias {}

    /** A learned bias per bucket of distance and head: T5, section 2.1 of the paper. */
    record RelativeBuckets(int buckets, int maxDistance, boolean bidirectional) implements PositionBias {}
}
