package dev.lockstep.graph;

import dev.lockstep.checkpoint.WeightExpression;
import java.util.ArrayList;
import java.util.List;

/**
 * A place in a model: the prefix of its weights' published names, and the ops an architecture writes there. Names given
 * to ops are relative to the prefix and leave out {@code .weight} and {@code .bias}.
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

    /** The places {@code name.0}, {@code name.1}, ... */
    public List<Scope> layers(String name, int count) {
        List<Scope> found = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            found.add(in(name).in(Integer.toString(i)));
        }
        return found;
    }

    /** The full published name of something here. */
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

    private Value table(String name, int entries, int hidden, Op.Lookup op, RowAxis rows) {
        builder.enter(prefix);
        Dim indices = Dim.fresh(entries, name(name) + " rows");
        Dim features = Dim.of(new Atom(hidden, "hidden", 1));
        return builder.lookup(op, builder.weight(weightOf(name), List.of(indices, features)), rows);
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

    /** The general form: any expressions for W [out, in] and b [out] (null for none). */
    public Value linear(Value x, Dim out, WeightExpression matrix, WeightExpression bias) {
        builder.enter(prefix);
        return builder.linear(x, out, matrix, bias);
    }

    private Dim fresh(String name, int size) {
        return Dim.fresh(size, name(name) + " rows");
    }

    /**
     * Scores over the vocabulary for the rows whose outputs are asked for, named {@code logits}.
     *
     * @param matrix [vocabulary, hidden], the token table where the head is tied
     * @param bias [vocabulary], or null
     */
    public Value logits(Value x, int vocabulary, WeightExpression matrix, WeightExpression bias) {
        builder.enter(prefix);
        Value rows = builder.pickRows(x, RowAxis.Picked.OUTPUTS);
        Value logits = builder.linear(rows, Dim.of(new Atom(vocabulary, "vocabulary", 3)), matrix, bias);
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

    public Value activate(Value x, ActivationFunction function) {
        builder.enter(prefix);
        return builder.activate(x, function);
    }

    public Value concat(Value... values) {
        builder.enter(prefix);
        return builder.concat(List.of(values));
    }

    /** Rotary positions on a value of heads of {@code headDim} features each. */
    public Value rotary(Value x, int headDim, boolean interleaved, RotaryTable table) {
        builder.enter(prefix);
        return builder.rotary(x, new Op.Rotary(headDim, table.rotated(), interleaved, table));
    }

    /** Softmax attention; query [heads * width], key [kvHeads * width], value [kvHeads * valueWidth]. */
    public Value attention(Value query, Value key, Value value, Op.Attention op) {
        return attention(query, key, value, op, null);
    }

    /** As above, with the table [buckets, heads] of a relative bias. */
    public Value attention(Value query, Value key, Value value, Op.Attention op, WeightExpression biasTable) {
        builder.enter(prefix);
        return builder.attention(query, key, value, op, biasTable);
    }

    /** The first row of each sequence. */
    public Value firstRows(Value x) {
        builder.enter(prefix);
        return builder.pickRows(x, RowAxis.Picked.FIRST);
    }
}
