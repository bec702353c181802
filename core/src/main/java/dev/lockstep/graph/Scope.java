package dev.lockstep.graph;

import dev.lockstep.checkpoint.WeightExpression;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A place in a model: the prefix of its weights' published names, and methods by which an architecture adds ops there.
 * Names passed to these methods are relative to the prefix and leave out {@code .weight} and {@code .bias}.
 */
public final class Scope {
    private final GraphBuilder builder;
    private final String prefix;

    Scope(GraphBuilder builder, String prefix) {
        this.builder = builder;
        this.prefix = prefix;
    }

    /** A place below this one. */
    public Scope in(String name) {
        return new Scope(builder, prefix + name + ".");
    }

    /** The scopes {@code name.0}, {@code name.1}, ... */
    public List<Scope> layers(String name, int count) {
        List<Scope> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            found.add(in(name).in(Integer.toString(i)));
        }
        return found;
    }

    /** The full published name of a relative name. */
    public String name(String relative) {
        return prefix + relative;
    }

    private WeightExpression weightOf(String name) {
        return WeightExpression.tensor(name(name) + ".weight");
    }

    private WeightExpression biasOf(String name, boolean present) {
        return present ? WeightExpression.tensor(name(name) + ".bias") : null;
    }

    // ---------------------------------------------------------------- look-ups

    /** Token embeddings: the table [vocabulary, hidden] at {@code name.weight}. */
    public Value embed(String name, int vocabulary, int hidden, RowAxis rows) {
        builder.enter(prefix);
        Dim tokens = Dim.of(new Atom(vocabulary, "vocabulary", 3));
        Dim features = Dim.of(new Atom(hidden, "hidden", 1));
        Weight table = builder.weight(weightOf(name), List.of(tokens, features));
        return builder.lookup(new Op.Lookup(Op.IndexSource.TOKENS, 0), table, rows);
    }

    /** Learned positions: row {@code position + offset} of the table [entries, hidden] at {@code name.weight}. */
    public Value positions(String name, int entries, int offset, int hidden, RowAxis rows) {
        return table(name, entries, hidden, new Op.Lookup(Op.IndexSource.POSITIONS, offset), rows);
    }

    /** Token type embeddings: the table [types, hidden] at {@code name.weight}. */
    public Value tokenTypes(String name, int types, int hidden, RowAxis rows) {
        return table(name, types, hidden, new Op.Lookup(Op.IndexSource.TOKEN_TYPES, 0), rows);
    }

    /** All rows of a weight [rows, features], on an axis with that many rows. */
    public Value rows(WeightExpression weight, int features, RowAxis fixed) {
        builder.enter(prefix);
        Dim indices = Dim.fresh(fixed.size(), prefix + fixed.name());
        Weight table =
                builder.weight(weight, List.of(indices, Dim.fresh(features, prefix + fixed.name() + " features")));
        return builder.lookup(new Op.Lookup(Op.IndexSource.POSITIONS, 0), table, fixed);
    }

    private Value table(String name, int entries, int hidden, Op.Lookup op, RowAxis rows) {
        builder.enter(prefix);
        Dim indices = Dim.fresh(entries, name(name) + " rows");
        Dim features = Dim.of(new Atom(hidden, "hidden", 1));
        return builder.lookup(op, builder.weight(weightOf(name), List.of(indices, features)), rows);
    }

    /** Positions that are computed: {@link Op.Sinusoids}, of this many features. */
    public Value sinusoids(int offset, double step, int features, RowAxis rows) {
        builder.enter(prefix);
        return builder.sinusoids(new Op.Sinusoids(offset, step), features, rows);
    }

    // ---------------------------------------------------------------- linear maps

    /** x · Wᵀ (+ b) onto a new axis of {@code out} features; W [out, in]. */
    public Value linear(String name, Value x, int out, boolean bias) {
        return linear(x, fresh(name, out), weightOf(name), biasOf(name, bias));
    }

    /** x · Wᵀ (+ b) back onto the axes of {@code like}; W [out, in]. */
    public Value linear(String name, Value x, Value like, boolean bias) {
        return linear(x, like.dim(), weightOf(name), biasOf(name, bias));
    }

    /** As {@link #linear(String, Value, int, boolean)} with W stored as [in, out]. */
    public Value conv1d(String name, Value x, int out, boolean bias) {
        return linear(x, fresh(name, out), WeightExpression.transposed(name(name) + ".weight"), biasOf(name, bias));
    }

    /** As {@link #linear(String, Value, Value, boolean)} with W stored as [in, out]. */
    public Value conv1d(String name, Value x, Value like, boolean bias) {
        return linear(x, like.dim(), WeightExpression.transposed(name(name) + ".weight"), biasOf(name, bias));
    }

    /** The general form: any expressions for W [out, in] and b [out]; b may be null. */
    public Value linear(Value x, Dim out, WeightExpression matrix, WeightExpression bias) {
        builder.enter(prefix);
        return builder.linear(x, out, matrix, bias);
    }

    /** As above, onto a new axis of {@code out} features. */
    public Value linear(Value x, int out, WeightExpression matrix, WeightExpression bias) {
        return linear(x, fresh("map", out), matrix, bias);
    }

    /** x plus a vector [features]. */
    public Value shift(Value x, WeightExpression vector) {
        builder.enter(prefix);
        return builder.affine(x, null, vector);
    }

    /** Multiplies each head by its own matrix: x [heads * in] to [heads * out]; W [heads, out, in]. */
    public Value headLinear(Value x, int heads, int out, WeightExpression matrix) {
        builder.enter(prefix);
        return builder.headLinear(x, heads, out, matrix);
    }

    private Dim fresh(String name, int size) {
        return Dim.fresh(size, name(name) + " rows");
    }

    /**
     * Logits over the vocabulary for the rows whose outputs are requested; the output is named {@code logits}.
     *
     * @param matrix [vocabulary, hidden]; the token table if the head is tied
     * @param bias [vocabulary], or null
     */
    public Value logits(Value x, int vocabulary, WeightExpression matrix, WeightExpression bias) {
        return logits(x, vocabulary, matrix, bias, scores -> scores);
    }

    /** As above, with a final element-wise step on the logits, such as a factor or a cap. */
    public Value logits(
            Value x, int vocabulary, WeightExpression matrix, WeightExpression bias, UnaryOperator<Value> last) {
        builder.enter(prefix);
        Value rows = builder.pickRows(x, RowAxis.Kind.OUTPUTS);
        Value scores = builder.linear(rows, Dim.of(new Atom(vocabulary, "vocabulary", 3)), matrix, bias);
        Value logits = last.apply(scores);
        builder.output("logits", logits);
        return logits;
    }

    // ---------------------------------------------------------------- the rest

    public Value rmsNorm(String name, Value x, double epsilon) {
        return norm(x, Op.NormKind.RMS, epsilon, weightOf(name), null);
    }

    /** Layer norm with weight and bias. */
    public Value layerNorm(String name, Value x, double epsilon) {
        return norm(x, Op.NormKind.LAYER, epsilon, weightOf(name), biasOf(name, true));
    }

    /** The general form; scale and shift may be null. */
    public Value norm(Value x, Op.NormKind kind, double epsilon, WeightExpression scale, WeightExpression shift) {
        builder.enter(prefix);
        return builder.norm(x, kind, epsilon, scale, shift);
    }

    /**
     * A norm of each head of {@code headDim} features.
     *
     * @param scale [headDim], shared by the heads, or [heads * headDim] if {@code perHead}; null for none
     * @param shift as {@code scale}
     */
    public Value headNorm(
            Value x,
            int headDim,
            Op.NormKind kind,
            double epsilon,
            WeightExpression scale,
            WeightExpression shift,
            boolean perHead) {
        builder.enter(prefix);
        return builder.headNorm(x, headDim, kind, epsilon, scale, shift, perHead);
    }

    /** RMS norm of each head with the weight [headDim] at {@code name.weight}. */
    public Value headRmsNorm(String name, Value x, int headDim, double epsilon) {
        return headNorm(x, headDim, Op.NormKind.RMS, epsilon, weightOf(name), null, false);
    }

    public Value activate(Value x, ActivationFunction function) {
        builder.enter(prefix);
        return builder.activate(x, function);
    }

    /** The activation {@link Op.Xielu}, whose learned shape is [4]. */
    public Value xielu(Value x, WeightExpression shape) {
        builder.enter(prefix);
        return builder.xielu(x, shape);
    }

    /** Clamps values to [low, high]. */
    public Value clamp(Value x, double low, double high) {
        builder.enter(prefix);
        return builder.elementwise(new Op.Clamp(low, high), x);
    }

    /** cap * tanh(x / cap). */
    public Value softCap(Value x, double cap) {
        builder.enter(prefix);
        return builder.elementwise(new Op.SoftCap(cap), x);
    }

    /** Multiplies each row of x by the single number in the same row of the other value. */
    public Value scaleRows(Value x, Value factor) {
        builder.enter(prefix);
        return builder.scaleRows(x, factor);
    }

    /** Multiplies each row by a factor that depends on its position. */
    public Value scaleByPosition(Value x, PositionFactor factor) {
        builder.enter(prefix);
        return builder.elementwise(new Op.ScaleByPosition(factor), x);
    }

    /** The preceding row of the same sequence; zero for the first row. */
    public Value previous(Value x) {
        builder.enter(prefix);
        return builder.elementwise(new Op.Previous(), x);
    }

    /** Concatenates features. */
    public Value concat(Value... values) {
        builder.enter(prefix);
        return builder.concat(List.of(values));
    }

    /**
     * Concatenates along the last factor of the features in their current view; all values share the factors before it.
     */
    public Value concatInside(Value... values) {
        builder.enter(prefix);
        return builder.concatInside(List.of(values));
    }

    /**
     * Rotary positions on a value of heads with {@code headDim} features each, over the first features of each head.
     */
    public Value rotary(Value x, int headDim, boolean interleaved, RotaryTable table) {
        return rotary(x, headDim, 0, interleaved, table);
    }

    /** As above, over the features starting at {@code first}. */
    public Value rotary(Value x, int headDim, int first, boolean interleaved, RotaryTable table) {
        builder.enter(prefix);
        return builder.rotary(x, new Op.Rotary(headDim, first, table.rotated(), interleaved, table));
    }

    /** Softmax attention; query [heads * width], key [kvHeads * width], value [kvHeads * valueWidth]. */
    public Value attention(Value query, Value key, Value value, Op.Attention op) {
        return attention(query, key, value, op, null);
    }

    /** As above, with the table [buckets, heads] of a relative bias. */
    public Value attention(Value query, Value key, Value value, Op.Attention op, WeightExpression biasTable) {
        return attention(query, key, value, op, biasTable, null);
    }

    /** As above, with sinks: logits [heads] that take part in every softmax and are then dropped. */
    public Value attention(
            Value query, Value key, Value value, Op.Attention op, WeightExpression biasTable, WeightExpression sinks) {
        List<WeightExpression> tables = biasTable == null ? List.of() : List.of(biasTable);
        return attention(new AttentionInputs(query, key, value), op, tables, sinks);
    }

    /**
     * The general form.
     *
     * @param biasTables tables of the {@link ScoreTerm.RelativeBuckets} in order, [buckets, heads] each
     * @param sinks [heads] if the op has them, else null
     */
    public Value attention(
            AttentionInputs in, Op.Attention op, List<WeightExpression> biasTables, WeightExpression sinks) {
        builder.enter(prefix);
        return builder.attention(in, op, biasTables, sinks);
    }

    // ---------------------------------------------------------------- mixtures of experts

    /**
     * The routing weights of each row [experts], from the router's logits [experts].
     *
     * @param correction [experts] if {@code routing} has one, else null
     */
    public Value route(Value logits, Routing routing, WeightExpression correction) {
        builder.enter(prefix);
        return builder.route(logits, routing, correction);
    }

    /** The mixture {@link Op.Experts} of x with these routing weights; the result has the axes of {@code like}. */
    public Value experts(Value x, Value weights, Value like, int inner, Op.Experts op, ExpertWeights from) {
        builder.enter(prefix);
        return builder.experts(x, weights, like, inner, op, from);
    }

    // ---------------------------------------------------------------- rows

    /** The first row of each sequence. */
    public Value firstRows(Value x) {
        builder.enter(prefix);
        return builder.pickRows(x, RowAxis.Kind.FIRST);
    }

    /** Concatenates the rows around each row, [places * features]: {@link Op.Neighbours}. */
    public Value neighbours(Value x, List<Integer> places) {
        builder.enter(prefix);
        return builder.neighbours(x, places);
    }

    /** Pools each block of x's rows into one row, on the axis of blocks. */
    public Value poolRows(Value x, Op.PoolRows how, RowAxis blocks) {
        builder.enter(prefix);
        return builder.poolRows(x, how, blocks);
    }

    /** Repeats the rows of blocks along the axis that they are blocks of: {@link Op.RepeatRows}. */
    public Value repeatRows(Value x, Op.RepeatRows op, RowAxis rows) {
        builder.enter(prefix);
        return builder.repeatRows(x, op, rows);
    }

    /** A dense computation on whole sequences, head by head: {@link Op.PerSequence}. */
    public Value perSequence(int heads, SequenceBody body, Value... inputs) {
        builder.enter(prefix);
        return builder.perSequence(List.of(inputs), new Op.PerSequence(heads, body));
    }
}
