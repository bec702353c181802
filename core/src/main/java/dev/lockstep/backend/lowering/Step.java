package dev.lockstep.backend.lowering;

import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.PositionFactor;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.SequenceBody;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Collective;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One operation on this rank's part of the values. A step reads and writes views of buffers only; it names its other
 * operands (weights, caches). The rows that a step writes are those of its output's axis. A named weight stands for the
 * rank's part of it: along each dimension, the indices that the split gives to the rank.
 */
public sealed interface Step {

    <R> R accept(StepVisitor<R> visitor);

    /** All views that it reads or writes. */
    List<View> views();

    /** The weights that it names, in no particular order. */
    default List<Weight> weights() {
        return List.of();
    }

    /** A step from one view to another. */
    sealed interface Unary extends Step {
        View in();

        View out();

        @Override
        default List<View> views() {
            return List.of(in(), out());
        }
    }

    // ---------------------------------------------------------------- from what a step is told

    /**
     * Looks up rows of a table, at the index given by {@code op} plus its offset. Entries that the rank does not hold
     * give zero.
     *
     * @param held the table's entries that the rank holds, ascending
     */
    record Lookup(Op.Lookup op, Weight table, int[] held, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.lookup(this);
        }

        @Override
        public List<View> views() {
            return List.of(out);
        }

        @Override
        public List<Weight> weights() {
            return List.of(table);
        }
    }

    /**
     * Computed positions.
     *
     * @param width features of the whole value
     * @param held the features that the rank holds, ascending
     */
    record Sinusoids(Op.Sinusoids op, int width, int[] held, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.sinusoids(this);
        }

        @Override
        public List<View> views() {
            return List.of(out);
        }
    }

    // ---------------------------------------------------------------- linear maps

    /**
     * {@code out = activation(in · Wᵀ + b)}, with the outputs of all maps side by side. If ranks sum their products,
     * matrix columns that a lower rank also holds count as zero.
     *
     * @param maps one or several of the same input
     * @param activation of a single map; {@code IDENTITY} for none
     */
    record Linear(List<LinearMap> maps, ActivationFunction activation, View in, View out) implements Unary {
        public Linear {
            maps = List.copyOf(maps);
        }

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.linear(this);
        }

        @Override
        public List<Weight> weights() {
            return maps.stream()
                    .flatMap(map -> present(map.matrix(), map.bias()).stream())
                    .toList();
        }
    }

    /** Multiplies each of the rank's heads by its own matrix; {@code matrices} [heads, out, in]. */
    record HeadLinear(Weight matrices, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.headLinear(this);
        }

        @Override
        public List<Weight> weights() {
            return List.of(matrices);
        }
    }

    // ---------------------------------------------------------------- element by element

    record Add(View first, View second, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.add(this);
        }

        @Override
        public List<View> views() {
            return List.of(first, second, out);
        }
    }

    record Multiply(View first, View second, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.multiply(this);
        }

        @Override
        public List<View> views() {
            return List.of(first, second, out);
        }
    }

    /** Multiplies each row by the single number in the factor's row. */
    record ScaleRows(View in, View factor, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.scaleRows(this);
        }

        @Override
        public List<View> views() {
            return List.of(in, factor, out);
        }
    }

    record Scale(double factor, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.scale(this);
        }
    }

    /** Multiplies each row by a factor that depends on its position. */
    record ScaleByPosition(PositionFactor factor, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.scaleByPosition(this);
        }
    }

    record Clamp(Op.Clamp op, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.clamp(this);
        }
    }

    record SoftCap(double cap, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.softCap(this);
        }
    }

    /**
     * Multiplies by a vector, then adds a vector.
     *
     * @param scale null for none
     * @param shift null for none
     */
    record Affine(Weight scale, Weight shift, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.affine(this);
        }

        @Override
        public List<Weight> weights() {
            return present(scale, shift);
        }
    }

    record Activate(ActivationFunction function, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.activate(this);
        }
    }

    /** {@link Op.Xielu}; {@code shape} [4]. */
    record Xielu(Weight shape, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.xielu(this);
        }

        @Override
        public List<Weight> weights() {
            return List.of(shape);
        }
    }

    // ---------------------------------------------------------------- moves

    record Copy(View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.copy(this);
        }
    }

    /** Column {@code c} of the output is column {@code columns[c]} of the input. */
    record GatherColumns(int[] columns, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.gatherColumns(this);
        }
    }

    /**
     * Column {@code c} of the input becomes column {@code columns[c]} of the output; other columns of the output keep
     * their values.
     */
    record ScatterColumns(int[] columns, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.scatterColumns(this);
        }
    }

    /** The rows of the input's axis that the output's axis picks. */
    record PickRows(View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.pickRows(this);
        }
    }

    /**
     * {@link Op.Neighbours}: column {@code c} of the output is column {@code columns[c]} of the row at offset
     * {@code places[c]} in the same sequence.
     */
    record Neighbours(int[] places, int[] columns, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.neighbours(this);
        }
    }

    /** Pools rows of the input's axis, block by block, into rows of the output's axis. */
    record PoolRows(Op.PoolRows how, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.poolRows(this);
        }
    }

    /** {@link Op.RepeatRows}. */
    record RepeatRows(Op.RepeatRows op, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.repeatRows(this);
        }
    }

    /**
     * {@link Op.Previous}: the preceding row of each sequence; the sequence's last row is kept.
     *
     * @param store index in {@link CacheLayout#lastRows} of where it is kept
     */
    record Previous(int store, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.previous(this);
        }
    }

    /** A value of which the rank holds no columns. */
    record Nothing(View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.nothing(this);
        }

        @Override
        public List<View> views() {
            return List.of(out);
        }
    }

    // ---------------------------------------------------------------- norms

    /**
     * @param scale null for none
     * @param shift null for none
     * @param groups number of equally wide groups of columns that are normalised separately, with the same scale and
     *     shift
     */
    record Norm(Op.Norm op, Weight scale, Weight shift, int groups, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.norm(this);
        }

        @Override
        public List<Weight> weights() {
            return present(scale, shift);
        }
    }

    /**
     * Computes count, mean and sum of squared deviations (M2) of each row's columns on this rank, and exchanges them.
     * The output has room for those of all ranks; their order is up to the backend.
     *
     * @param owned the columns counted on this rank; others are counted on a lower rank
     * @param own the rank's own statistics [rows, 3]
     */
    record Statistics(boolean[] owned, Collective place, View in, View own, View out) implements Step {
        /** Numbers per row and rank. */
        public static final int NUMBERS = 3;

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.statistics(this);
        }

        @Override
        public List<View> views() {
            return List.of(in, own, out);
        }
    }

    /** Normalises the rank's columns with the statistics of all ranks. It may overwrite the statistics. */
    record NormFromStatistics(Op.Norm op, Weight scale, Weight shift, int ranks, View in, View statistics, View out)
            implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.normFromStatistics(this);
        }

        @Override
        public List<View> views() {
            return List.of(in, statistics, out);
        }

        @Override
        public List<Weight> weights() {
            return present(scale, shift);
        }
    }

    // ---------------------------------------------------------------- attention

    /** Rotary positions of each of the rank's heads. */
    record Rotary(Op.Rotary op, View in, View out) implements Unary {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.rotary(this);
        }
    }

    /**
     * Writes keys and values to the cache slots given by the tables.
     *
     * @param pool index in {@link CacheLayout#pools}
     * @param value the key again if values are the first features of keys
     */
    record WriteCache(int pool, CacheTables tables, View key, View value) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.writeCache(this);
        }

        @Override
        public List<View> views() {
            return List.of(key, value);
        }
    }

    /** Attention over cached keys and values, including those of the step's own rows. */
    record AttendCache(AttentionLayer layer, int pool, CacheTables tables, View query, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.attendCache(this);
        }

        @Override
        public List<View> views() {
            return List.of(query, out);
        }

        @Override
        public List<Weight> weights() {
            return layer.weights();
        }
    }

    /** Keys and values of one axis. */
    record KeyRows(View key, View value) {}

    /** Rows and the table of a content term. */
    record ContentRows(View rows, View table) {}

    /**
     * Attention whose keys and values are rows of the same step.
     *
     * @param sets one for each of the op's key sets
     * @param content one for each {@link dev.lockstep.graph.ScoreTerm.Content} of the op, in order
     */
    record AttendRows(AttentionLayer layer, View query, List<KeyRows> sets, List<ContentRows> content, View out)
            implements Step {
        public AttendRows {
            sets = List.copyOf(sets);
            content = List.copyOf(content);
        }

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.attendRows(this);
        }

        @Override
        public List<View> views() {
            List<View> all = new ArrayList<>(List.of(query, out));
            sets.forEach(set -> all.addAll(List.of(set.key(), set.value())));
            content.forEach(term -> all.addAll(List.of(term.rows(), term.table())));
            return all;
        }

        @Override
        public List<Weight> weights() {
            return layer.weights();
        }
    }

    /**
     * {@link Op.PerSequence} for the rank's heads, sequence by sequence. {@link SequencePlan} lays out the matrices of
     * a sequence.
     *
     * @param heads heads of the rank
     */
    record PerSequence(SequenceBody body, int heads, List<View> inputs, View out) implements Step {
        public PerSequence {
            inputs = List.copyOf(inputs);
        }

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.perSequence(this);
        }

        @Override
        public List<View> views() {
            List<View> all = new ArrayList<>(inputs);
            all.add(out);
            return all;
        }
    }

    // ---------------------------------------------------------------- mixtures

    /** @param correction added for the choice of experts; null for none */
    record Route(Routing routing, Weight correction, View logits, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.route(this);
        }

        @Override
        public List<View> views() {
            return List.of(logits, out);
        }

        @Override
        public List<Weight> weights() {
            return present(correction);
        }
    }

    /**
     * The sum over the rank's experts, taken for each row in ascending order of experts.
     *
     * @param routing the weight of each expert, zero for those not chosen
     */
    record Experts(Op.Experts op, ExpertMaps maps, View x, View routing, View out) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.experts(this);
        }

        @Override
        public List<View> views() {
            return List.of(x, routing, out);
        }

        @Override
        public List<Weight> weights() {
            return present(maps.gate(), maps.up(), maps.down(), maps.gateBias(), maps.upBias(), maps.downBias());
        }
    }

    // ---------------------------------------------------------------- ranks

    /** All-reduce: sums a whole buffer over the ranks in place, in rank order. */
    record AllReduce(Collective place, View sum) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.allReduce(this);
        }

        @Override
        public List<View> views() {
            return List.of(sum);
        }
    }

    /** A debugging aid: ranks compare, bit for bit, a value that all of them hold. */
    record CompareReplicas(String name, View value) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.compareReplicas(this);
        }

        @Override
        public List<View> views() {
            return List.of(value);
        }
    }

    private static List<Weight> present(Weight... weights) {
        return Stream.of(weights).filter(Objects::nonNull).toList();
    }
}
