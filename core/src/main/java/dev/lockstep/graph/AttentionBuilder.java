package dev.lockstep.graph;

import dev.lockstep.checkpoint.WeightExpression;
import java.util.ArrayList;
import java.util.List;

/** Builds one attention op: checks its inputs, unites the axes of heads and widths, and names its weights. */
final class AttentionBuilder {
    private final GraphBuilder builder;
    private final String scope;
    private final Op.Attention op;
    private final AttentionInputs in;
    private final Dim keyValueHeads;
    private final Dim heads;
    private final Dim width;
    private final Dim valueWidth;

    AttentionBuilder(GraphBuilder builder, String scope, AttentionInputs in, Op.Attention op) {
        int groups = op.keyValueHeads();
        if (groups < 1 || op.heads() % groups != 0) {
            throw new GraphException("attention in " + scope + " has " + op.heads() + " heads over " + groups
                    + " key-value heads, expected a divisor");
        }
        this.builder = builder;
        this.scope = scope;
        this.op = op;
        this.in = in;
        this.keyValueHeads = Dim.of(new Atom(groups, scope + "attention heads", 2));
        // With one key-value head, that axis is dropped as a factor of size one; only the query heads can be split.
        Atom group = groups == 1
                ? new Atom(op.heads(), scope + "attention heads", 2)
                : new Atom(op.heads() / groups, scope + "query group", 1);
        this.heads = keyValueHeads.times(Dim.of(group));
        this.width = Dim.of(new Atom(in.query().width() / op.heads(), scope + "query-key width", 1));
        int valueFeatures = in.sets().get(0).value().width();
        this.valueWidth = Dim.of(new Atom(valueFeatures / groups, scope + "attention value width", 1));
    }

    /**
     * @param tables tables of the relative biases, in order
     * @param sinks null for none
     */
    Value build(List<WeightExpression> tables, WeightExpression sinks) {
        checkForm();
        GraphBuilder.sameAxis(in.query().dim(), heads.times(width), "queries in " + scope);
        for (int i = 0; i < in.sets().size(); i++) {
            AttentionInputs.Set set = in.sets().get(i);
            checkMeets(op.keys().get(i), set.key().rows());
            GraphBuilder.sameAxis(set.key().dim(), keyValueHeads.times(width), "keys in " + scope);
            GraphBuilder.sameAxis(set.value().dim(), keyValueHeads.times(valueWidth), "values in " + scope);
        }
        uniteContent();
        List<AxisUse> signature = new ArrayList<>();
        signature.add(AxisUse.closed(width, "scores need the whole width"));
        signature.add(AxisUse.identity(heads, "heads"));
        signature.add(
                op.valuesInKeys()
                        ? AxisUse.closed(valueWidth, "values are read from whole keys")
                        : AxisUse.free(valueWidth, "values"));
        List<Weight> used = weights(tables, sinks, signature);
        Dim out = heads.times(valueWidth);
        return builder.attention(
                op, in.all(), used, signature, heads, out, in.query().rows());
    }

    private void checkForm() {
        int terms = op.terms(ScoreTerm.Content.class).size();
        if (in.sets().size() != op.keys().size() || in.content().size() != terms) {
            throw new GraphException("attention in " + scope + " reads "
                    + in.sets().size() + " sets of keys and " + in.content().size() + " tables, expected "
                    + op.keys().size() + " and " + terms);
        }
        boolean cached = op.pattern() != Op.Pattern.BIDIRECTIONAL;
        if (cached && (op.keys().size() > 1 || terms > 0 || !op.reach().isRange())) {
            throw new GraphException("attention in " + scope + " is " + op.pattern()
                    + ": cached keys are one range of one axis, without content terms");
        }
    }

    /** Checks that queries have a position on the keys' axis if distances matter. */
    private void checkMeets(KeySet set, RowAxis keys) {
        if (op.pattern() == Op.Pattern.BIDIRECTIONAL && set.dependsOnPosition()) {
            in.query().rows().indexOn(keys, 0, 1);
        }
    }

    private void uniteContent() {
        int next = 0;
        for (int set = 0; set < op.keys().size(); set++) {
            for (ScoreTerm.Content term : op.keys().get(set).terms(ScoreTerm.Content.class)) {
                AttentionInputs.Content read = in.content().get(next++);
                boolean ofQuery = term.side() == ScoreTerm.Side.QUERY;
                Value side = ofQuery ? in.query() : in.sets().get(set).key();
                if (!read.rows().rows().equals(side.rows())
                        || read.table().rows().ofSequences()) {
                    throw new GraphException("a content term in " + scope + " meets rows "
                            + read.rows().rows() + " and a table of rows "
                            + read.table().rows() + ", expected "
                            + side.rows() + " and rows of no sequence");
                }
                Dim features = (ofQuery ? heads : keyValueHeads).times(width);
                GraphBuilder.sameAxis(read.rows().dim(), features, "rows of a content term in " + scope);
                GraphBuilder.sameAxis(read.table().dim(), features, "table of a content term in " + scope);
            }
        }
    }

    private List<Weight> weights(List<WeightExpression> tables, WeightExpression sinks, List<AxisUse> signature) {
        List<ScoreTerm.RelativeBuckets> relative = op.terms(ScoreTerm.RelativeBuckets.class);
        List<Weight> used = new ArrayList<>();
        for (int i = 0; i < relative.size(); i++) {
            Dim buckets = Dim.fresh(relative.get(i).buckets(), "distance buckets");
            Weight table = builder.weight(tables.get(i), List.of(buckets, heads));
            used.add(table);
            signature.add(AxisUse.closed(table.dims().get(0), "bucket look-up"));
        }
        if (op.sinks()) {
            used.add(builder.weight(sinks, List.of(heads)));
        }
        return used;
    }
}
