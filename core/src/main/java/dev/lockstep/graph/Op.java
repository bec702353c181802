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

    /** What partitioning and cost know of it beside its axis signature. */
    OpTraits traits();

    /**
     * Calls the visitor's method for this kind of op.
     *
     * @param node the node whose op this is
     */
    void accept(OpVisitor visitor, Node node);

    /** Table rows by index; weights: table [entries, features]. */
    record Lookup(IndexSource index, int offset) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.POSITION, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.lookup(node, this);
        }
    }

    /** What a look-up is indexed by; learned position tables may start at an offset. */
    enum IndexSource {
        TOKENS,
        POSITIONS,
        TOKEN_TYPES
    }

    /**
     * Positions that are computed instead of learned: sines in the first half of the features, cosines in the second, of
     * {@code (position + offset) * 10000^(-i * step)} for the i-th of a half; a last odd feature is zero.
     */
    record Sinusoids(int offset, double step) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.POSITION, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.sinusoids(node, this);
        }
    }

    /** x · Wᵀ (+ b); weights: W [out, in], then b [out] where {@code bias}. */
    record Linear(boolean bias) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.MATRIX);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.linear(node, this);
        }
    }

    /** Every head by a matrix of its own: [heads * in] to [heads * out]; weights: W [heads, out, in]. */
    record HeadLinear(int heads) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.MATRIX);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.headLinear(node, this);
        }
    }

    /** Element by element. */
    enum Binary implements Op {
        ADD(OpTraits.Sums.LINEAR),
        MULTIPLY(OpTraits.Sums.ONE_OPERAND);

        private final OpTraits traits;

        Binary(OpTraits.Sums sums) {
            this.traits = new OpTraits(OpTraits.Rows.EACH, sums, OpTraits.Work.NONE);
        }

        @Override
        public OpTraits traits() {
            return traits;
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.binary(node, this);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Times a constant. */
    record Scale(double factor) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.LINEAR, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.scale(node, this);
        }
    }

    /** Every row of the first input times the one number of the second input's row. */
    record ScaleRows() implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.FIRST_OPERAND, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.scaleRows(node, this);
        }
    }

    /** Every row times a factor that its position tells. */
    record ScaleByPosition(PositionFactor factor) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.POSITION, OpTraits.Sums.LINEAR, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.scaleByPosition(node, this);
        }
    }

    /** Values held between two bounds. */
    record Clamp(double low, double high) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.clamp(node, this);
        }
    }

    /** cap * tanh(x / cap). */
    record SoftCap(double cap) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.softCap(node, this);
        }
    }

    /** Consecutive indices of one factor: {@code part} of {@code whole} from {@code offset}, over {@code minor} features each. */
    record Select(int whole, int offset, int part, int minor) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.LINEAR, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.select(node, this);
        }
    }

    /** Features joined, in each of {@code major} groups: {@code parts} features of every input. */
    record Concat(int major, List<Integer> parts) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.concat(node, this);
        }

        public Concat {
            parts = List.copyOf(parts);
        }
    }

    /** The row before in the same sequence, zero for the first; the last row of a sequence is kept for the next step. */
    record Previous() implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.SEQUENCE, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.previous(node, this);
        }
    }

    /** Times a vector, plus a vector. Weights: scale [features] where {@code scale}, then shift [features] where {@code shift}. */
    record Affine(boolean scale, boolean shift) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.affine(node, this);
        }
    }

    /**
     * Rows beside each row, side by side: for each of {@code places}, the features of the row so many places further in the
     * same sequence, zero where there is none. Sequences must be run whole. What a convolution multiplies.
     */
    record Neighbours(List<Integer> places) implements Op {
        public Neighbours {
            places = List.copyOf(places);
        }

        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.SEQUENCE, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.neighbours(node, this);
        }
    }

    /** One row for each block of rows, on an axis of {@link RowAxis.Kind#BLOCKS}. */
    enum PoolRows implements Op {
        SUM(OpTraits.Sums.LINEAR),
        MEAN(OpTraits.Sums.LINEAR),
        MOST(OpTraits.Sums.NONE),
        LEAST(OpTraits.Sums.NONE);

        private final OpTraits traits;

        PoolRows(OpTraits.Sums sums) {
            this.traits = new OpTraits(OpTraits.Rows.SEQUENCE, sums, OpTraits.Work.NONE);
        }

        @Override
        public OpTraits traits() {
            return traits;
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.poolRows(node, this);
        }

        @Override
        public String toString() {
            return "pool by " + name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Rows of a shorter axis repeated along one that it follows from: row i is row {@code i / stride}, or, with the first row
     * apart, row 0 for the first and {@code 1 + (i - 1) / stride} for others; zero where the shorter axis has no such row.
     */
    record RepeatRows(int stride, boolean firstApart) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.SEQUENCE, OpTraits.Sums.LINEAR, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.repeatRows(node, this);
        }

        /** The row that row {@code i} of a sequence repeats. */
        public int source(int i) {
            return firstApart && i > 0 ? 1 + (i - 1) / stride : i / stride;
        }
    }

    /**
     * Dense computations on whole sequences, each of {@code heads} heads by itself. Inputs: as many as the body reads, [heads *
     * width] each; the output [heads * width of the body's result]. Sequences must be run whole.
     */
    record PerSequence(int heads, SequenceBody body) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.SEQUENCE, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.perSequence(node, this);
        }
    }

    record Activate(ActivationFunction function) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.activate(node, this);
        }
    }

    /**
     * The expanded integral of ELU (Huang and Schlag 2024), of learned shape. Weights: [4] = p, n, beta, epsilon; with a+ =
     * softplus(p) and a- = beta + softplus(n), {@code a+ x² + beta x} above zero and {@code a- (exp(min(x, epsilon)) - 1 - x)
     * + beta x} below.
     */
    record Xielu() implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.xielu(node, this);
        }
    }

    /**
     * Over all features or, with {@code groups} above 1, over each of so many runs of them. Weights: scale where {@code
     * weight}, then shift where {@code bias}, each [features] or one run's features, which all runs share.
     */
    record Norm(NormKind kind, double epsilon, boolean weight, boolean bias, int groups) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.norm(node, this);
        }
    }

    /** How a norm centres and scales. */
    enum NormKind {
        /** Mean removed, divided by the standard deviation. */
        LAYER,
        /** Divided by the root of the mean square. */
        RMS
    }

    /** Rotary positions over {@code rotated} of every head's {@code headDim} features, from {@code first} on. */
    record Rotary(int headDim, int first, int rotated, boolean interleaved, RotaryTable table) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.POSITION, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.rotary(node, this);
        }
    }

    /** Rows of an axis: those whose outputs are asked for, or the first of each sequence. */
    record PickRows(RowAxis.Kind which) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.PICKED, OpTraits.Sums.LINEAR, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.pickRows(node, this);
        }
    }

    /**
     * Chooses experts: the router's logits [experts] become weights [experts], zero for those not chosen. Weights: the
     * correction [experts] that is added for the choice alone, where there is one.
     */
    record Route(Routing routing) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.NONE);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.route(node, this);
        }
    }

    /**
     * A mixture of gated feed-forwards: sum over experts e of weight[e] * down_e(gating(gate_e x, up_e x)). Inputs: x
     * [hidden], the routing weights [experts]. Weights: gate [experts, inner, hidden], up (the same), down [experts,
     * hidden, inner]; where {@code bias}, then theirs: [experts, inner], the same, [experts, hidden].
     *
     * @param weighsInput whether the routing weight multiplies an expert's input instead of its output
     * @param chosen experts a row has at most
     */
    record Experts(Gating gating, boolean bias, boolean weighsInput, int chosen) implements Op {
        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.EACH, OpTraits.Sums.NONE, OpTraits.Work.EXPERTS);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.experts(node, this);
        }
    }

    /**
     * Softmax attention over the keys of one or several axes together. Inputs: query, key and value of each of {@code keys},
     * then for each {@link ScoreTerm.Content} in their order its rows and its table. Weights: the table [buckets, heads] of
     * each {@link ScoreTerm.RelativeBuckets} in their order, then the sinks [heads] where there are any.
     *
     * @param keys the first of the query's own axis or, across entry points, of another
     * @param softCap {@code cap * tanh(s / cap)} of the scaled products
     * @param sinks whether a learned logit per head joins the softmax and is dropped after it
     * @param resetToken a token that hides itself and all before it from the rows after it
     * @param valuesInKeys whether values are the first features of the keys, so that only keys are kept
     */
    record Attention(
            int heads,
            int keyValueHeads,
            double scale,
            Pattern pattern,
            List<KeySet> keys,
            OptionalDouble softCap,
            boolean sinks,
            OptionalInt resetToken,
            boolean valuesInKeys)
            implements Op {
        public Attention {
            keys = List.copyOf(keys);
        }

        @Override
        public OpTraits traits() {
            return new OpTraits(OpTraits.Rows.SEQUENCE, OpTraits.Sums.NONE, OpTraits.Work.SCORES);
        }

        @Override
        public void accept(OpVisitor visitor, Node node) {
            visitor.attention(node, this);
        }

        /** No more than heads, a scale and a pattern: everything is seen, nothing is added. */
        public Attention(int heads, int keyValueHeads, double scale, Pattern pattern) {
            this(
                    heads,
                    keyValueHeads,
                    scale,
                    pattern,
                    List.of(KeySet.ALL),
                    OptionalDouble.empty(),
                    false,
                    OptionalInt.empty(),
                    false);
        }

        /** Which keys of the first axis a query sees. */
        public Reach reach() {
            return keys.get(0).reach();
        }

        /** What is added to the scores of the first axis' keys. */
        public List<ScoreTerm> terms() {
            return keys.get(0).terms();
        }

        /** The terms of a kind, of all axes. */
        public <T extends ScoreTerm> List<T> terms(Class<T> kind) {
            return keys.stream().flatMap(set -> set.terms(kind).stream()).toList();
        }

        public Attention over(List<KeySet> newKeys) {
            return new Attention(
                    heads, keyValueHeads, scale, pattern, newKeys, softCap, sinks, resetToken, valuesInKeys);
        }

        public Attention within(Reach newReach) {
            return over(List.of(new KeySet(newReach, terms())));
        }

        public Attention plus(ScoreTerm... newTerms) {
            return over(List.of(new KeySet(reach(), newTerms)));
        }

        public Attention capped(OptionalDouble cap) {
            return new Attention(heads, keyValueHeads, scale, pattern, keys, cap, sinks, resetToken, valuesInKeys);
        }

        public Attention withSinks() {
            return new Attention(heads, keyValueHeads, scale, pattern, keys, softCap, true, resetToken, valuesInKeys);
        }

        public Attention resetBy(int token) {
            OptionalInt reset = OptionalInt.of(token);
            return new Attention(heads, keyValueHeads, scale, pattern, keys, softCap, sinks, reset, valuesInKeys);
        }

        public Attention withValuesInKeys() {
            return new Attention(heads, keyValueHeads, scale, pattern, keys, softCap, sinks, resetToken, true);
        }
    }

    /** Which keys a query row sees. */
    enum Pattern {
        /** Those of its own sequence up to itself; keys are cached. */
        CAUSAL,
        /** All of its own sequence. */
        BIDIRECTIONAL,
        /** All rows of another axis; keys are cached when that axis is run. */
        CROSS
    }
}
