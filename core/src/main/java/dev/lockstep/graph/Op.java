package dev.lockstep.graph;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** The computation of a node: parameters only. Operands, weights and axes belong to the node. */
public sealed interface Op {

    /** The op's name in reports. */
    default String name() {
        return getClass().getSimpleName().toLowerCase(Locale.ROOT);
    }

    /** The properties that partitioning and the cost model need beside the axis signature. */
    OpTraits traits();

    /**
     * Calls the visitor's method for this kind of op.
     *
     * @param node the node with this op
     */
    void accept(OpVisitor visitor, Node node);

    /** Looks up table rows by index. Weights: table [entries, features]. */
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

    /** The index of a look-up. Learned position tables may start at an offset. */
    enum IndexSource {
        TOKENS,
        POSITIONS,
        TOKEN_TYPES
    }

    /**
     * Positions that are computed instead of learned: for the i-th feature of a half, the sine (first half) or cosine
     * (second half) of {@code (position + offset) * 10000^(-i * step)}. If the number of features is odd, the last one
     * is zero.
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

    /** x · Wᵀ (+ b). Weights: W [out, in], then b [out] if {@code bias}. */
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

    /** Multiplies each head by its own matrix: [heads * in] to [heads * out]. Weights: W [heads, out, in]. */
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

    /** Element-wise, of two inputs. */
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

    /** Multiplies by a constant. */
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

    /** Multiplies each row of the first input by the single number in the same row of the second. */
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

    /** Multiplies each row by a factor that depends on its position. */
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

    /** Clamps values to a lower and an upper bound. */
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

    /**
     * Selects consecutive indices of one factor of size {@code whole}: {@code part} indices from {@code offset}, with
     * {@code minor} features each.
     */
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

    /**
     * Concatenates features within each of {@code major} groups: {@code parts} gives the features taken from each
     * input.
     */
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

    /**
     * The preceding row of the same sequence; zero for the first row. The last row of a sequence is kept for the next
     * step.
     */
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

    /**
     * Multiplies by a vector, then adds a vector. Weights: scale [features] if {@code scale}, then shift [features] if
     * {@code shift}.
     */
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
     * Concatenates neighbouring rows: for each offset in {@code places}, the features of the row at that offset in the
     * same sequence, or zero if there is none. This is the matrix that a convolution multiplies. Sequences must be run
     * whole.
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

    /** Pools each block of rows into one row, on an axis of {@link RowAxis.Kind#BLOCKS}. */
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
     * Repeats the rows of a shorter axis along an axis that it was pooled from. Row i is row {@code i / stride} of the
     * shorter axis. With {@code firstApart}, the first row is row 0 and others are {@code 1 + (i - 1) / stride}. Zero
     * if the shorter axis has no such row.
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

        /** The index of the row that row {@code i} of a sequence repeats. */
        public int source(int i) {
            return firstApart && i > 0 ? 1 + (i - 1) / stride : i / stride;
        }
    }

    /**
     * A dense computation on whole sequences, for each of {@code heads} heads independently. Inputs: those that the
     * body reads, [heads * width] each. Output: [heads * width of the body's result]. Sequences must be run whole.
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
     * The expanded integral of ELU (Huang and Schlag 2024), with a learned shape. Weights: [4] = p, n, beta, epsilon.
     * With a+ = softplus(p) and a- = beta + softplus(n), the result is {@code a+ x² + beta x} above zero and
     * {@code a- (exp(min(x, epsilon)) - 1 - x) + beta x} below.
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
     * A norm over all features or, if {@code groups} is above 1, over each of that many equal groups of them. Weights:
     * scale if {@code weight}, then shift if {@code bias}. Each is [features], or [features of one group], shared by
     * all groups.
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
        /** Subtracts the mean, then divides by the standard deviation. */
        LAYER,
        /** Divides by the root mean square. */
        RMS
    }

    /** Rotary positions on {@code rotated} of every head's {@code headDim} features, starting at {@code first}. */
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

    /** Picks rows of an axis: those whose outputs are requested, or the first of each sequence. */
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
     * Routes rows to experts: turns router logits [experts] into weights [experts], zero for experts that are not
     * chosen. Weights: the correction [experts], if any; it is added for the choice only.
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
     * A mixture of gated feed-forward experts: the sum over experts e of weight[e] * down_e(gating(gate_e x, up_e x)).
     * Inputs: x [hidden], the routing weights [experts]. Weights: gate [experts, inner, hidden], up (the same), down
     * [experts, hidden, inner]; if {@code bias}, then their biases: [experts, inner], the same, [experts, hidden].
     *
     * @param weighsInput whether the routing weight multiplies an expert's input instead of its output
     * @param chosen the most experts per row
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
     * Attention with one softmax over the keys of one or several axes. Inputs: the query; key and value of each of
     * {@code keys}; then, for each {@link ScoreTerm.Content} in order, its rows and its table. Weights: the table
     * [buckets, heads] of each {@link ScoreTerm.RelativeBuckets} in order, then the sinks [heads] if any.
     *
     * @param keys the key sets. The first is of the query's own axis or, across entry points, of another
     * @param softCap applies {@code cap * tanh(s / cap)} to the scaled products
     * @param sinks whether a learned logit per head takes part in the softmax and is dropped after it
     * @param resetToken a token that hides itself and all earlier tokens from the rows after it
     * @param valuesInKeys whether values are the first features of the keys, so that only keys are cached
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

        /** Attention with heads, a scale and a pattern only: a full reach and no score terms. */
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

        /** The keys of the first axis that a query sees. */
        public Reach reach() {
            return keys.get(0).reach();
        }

        /** The terms added to the scores of the first axis's keys. */
        public List<ScoreTerm> terms() {
            return keys.get(0).terms();
        }

        /** The terms of this kind, of all axes. */
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

    /** The keys that a query row sees. */
    enum Pattern {
        /** Keys of its own sequence, up to and including itself. Keys are cached. */
        CAUSAL,
        /** All keys of its own sequence. */
        BIDIRECTIONAL,
        /** All rows of another axis. Keys are cached when that axis is run. */
        CROSS
    }
}
