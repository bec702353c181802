package dev.lockstep.graph;

import dev.lockstep.checkpoint.WeightExpression;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Builds a graph op by op: checks shapes, unites axes and records each op's axis signature. Architectures use
 * {@link Scope}, which adds names; this class knows ops only.
 */
public final class GraphBuilder {
    private final List<Node> nodes = new ArrayList<>();
    private final Map<WeightExpression, Weight> weights = new LinkedHashMap<>();
    private final Map<String, Value> outputs = new LinkedHashMap<>();
    private final List<Dim> headRuns = new ArrayList<>();
    private String scope = "";

    /** The top scope of the model, without a name prefix. */
    public Scope root() {
        return new Scope(this, "");
    }

    /** Sets the scope of the nodes built next, for reports. */
    void enter(String prefix) {
        scope = prefix;
    }

    /**
     * The weight with this expression and these dimensions. If it exists already (tied weights), its dimensions are
     * united with these.
     */
    Weight weight(WeightExpression expression, List<Dim> dims) {
        Weight known = weights.get(expression);
        if (known == null) {
            known = new Weight(expression, dims);
            weights.put(expression, known);
            return known;
        }
        if (known.dims().size() != dims.size()) {
            throw new GraphException("weight " + known.name() + " is used with " + dims.size() + " axes and with "
                    + known.dims().size());
        }
        for (int i = 0; i < dims.size(); i++) {
            sameAxis(known.dims().get(i), dims.get(i), "tied weight " + known.name());
        }
        return known;
    }

    Value lookup(Op.Lookup op, Weight table, RowAxis rows) {
        return add(
                op,
                List.of(),
                List.of(table),
                List.of(
                        AxisUse.maskedLookup(table.dims().get(0), "look-up"),
                        AxisUse.free(table.dims().get(1), "look-up")),
                table.dims().get(1),
                rows);
    }

    Value linear(Value x, Dim out, WeightExpression matrix, WeightExpression bias) {
        List<Weight> used = new ArrayList<>();
        used.add(weight(matrix, List.of(out, x.dim())));
        if (bias != null) {
            used.add(weight(bias, List.of(out)));
        }
        return add(
                new Op.Linear(bias != null),
                List.of(x),
                used,
                List.of(AxisUse.summed(x.dim(), "contraction"), AxisUse.free(out, "contraction")),
                out,
                x.rows());
    }

    Value headLinear(Value x, int heads, int out, WeightExpression matrix) {
        Dim head = Dim.fresh(heads, scope + "heads");
        Dim in = Dim.fresh(x.width() / heads, scope + "head width");
        Dim made = Dim.fresh(out, scope + "head width out");
        sameAxis(x.dim(), head.times(in), "a linear map per head in " + scope);
        return add(
                new Op.HeadLinear(heads),
                List.of(x),
                List.of(weight(matrix, List.of(head, made, in))),
                List.of(
                        AxisUse.identity(head, "heads"),
                        AxisUse.summed(in, "contraction"),
                        AxisUse.free(made, "contraction")),
                head.times(made),
                x.rows());
    }

    Value sinusoids(Op.Sinusoids op, int features, RowAxis rows) {
        Dim dim = Dim.of(new Atom(features, "hidden", 1));
        return add(op, List.of(), List.of(), List.of(AxisUse.free(dim, "computed positions")), dim, rows);
    }

    Value binary(Op.Binary op, Value first, Value second) {
        sameAxis(first.dim(), second.dim(), op + " in " + scope);
        if (!first.rows().equals(second.rows())) {
            throw new GraphException(op + " in " + scope + " meets rows " + first.rows() + " and " + second.rows());
        }
        return add(
                op,
                List.of(first, second),
                List.of(),
                List.of(AxisUse.identity(first.dim(), op.toString())),
                first.dim(),
                first.rows());
    }

    Value scale(Value x, double factor) {
        return factor == 1 ? x : elementwise(new Op.Scale(factor), x);
    }

    Value activate(Value x, ActivationFunction function) {
        return function == ActivationFunction.IDENTITY ? x : elementwise(new Op.Activate(function), x);
    }

    Value xielu(Value x, WeightExpression shape) {
        Dim parameters = Dim.of(new Atom(4, scope + "activation's shape", 0));
        return add(
                new Op.Xielu(),
                List.of(x),
                List.of(weight(shape, List.of(parameters))),
                List.of(
                        AxisUse.identity(x.dim(), "xielu"),
                        AxisUse.closed(parameters, "an activation's shape is whole")),
                x.dim(),
                x.rows());
    }

    Value scaleRows(Value x, Value factor) {
        if (factor.width() != 1 || !factor.rows().equals(x.rows())) {
            throw new GraphException(
                    "rows in " + scope + " are scaled by " + factor + ", expected one number a row of " + x.rows());
        }
        return add(
                new Op.ScaleRows(),
                List.of(x, factor),
                List.of(),
                List.of(AxisUse.identity(x.dim(), "scale by row")),
                x.dim(),
                x.rows());
    }

    Value elementwise(Op op, Value x) {
        return add(op, List.of(x), List.of(), List.of(AxisUse.identity(x.dim(), op.name())), x.dim(), x.rows());
    }

    List<Value> split(Value x, int axis, int... sizes) {
        List<Atom> atoms = x.dim().atoms();
        Atom whole = atoms.get(axis);
        Dim before = new Dim(atoms.subList(0, axis));
        Dim after = new Dim(atoms.subList(axis + 1, atoms.size()));
        List<Dim> parts = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            parts.add(Dim.of(new Atom(sizes[i], whole.name() + "[" + i + "]", whole.namePriority())));
        }
        Atom sum = sumOf(parts, whole.name(), whole.namePriority());
        sameAxis(Dim.of(whole), Dim.of(sum), "split in " + scope);
        List<Value> values = new ArrayList<>();
        int offset = 0;
        for (Dim part : parts) {
            Dim dim = before.times(part).times(after);
            Op op = new Op.Select(whole.size(), offset, part.size(), after.size());
            values.add(add(op, List.of(x), List.of(), List.of(AxisUse.identity(dim, "select")), dim, x.rows()));
            offset += part.size();
        }
        return values;
    }

    Value concat(List<Value> values) {
        return concat(Dim.of(), values.stream().map(Value::dim).toList(), values);
    }

    /** Concatenates values along their last factor. The other factors are united across all values. */
    Value concatInside(List<Value> values) {
        List<Dim> parts = new ArrayList<>();
        Dim major = withoutLast(values.get(0).dim());
        for (Value value : values) {
            sameAxis(major, withoutLast(value.dim()), "concatenation in " + scope);
            List<Atom> atoms = value.dim().atoms();
            parts.add(Dim.of(atoms.get(atoms.size() - 1)));
        }
        return concat(major, parts, values);
    }

    private Value concat(Dim major, List<Dim> parts, List<Value> values) {
        Dim joined = major.times(Dim.of(sumOf(parts, scope + "concat", 0)));
        return add(
                new Op.Concat(major.size(), parts.stream().map(Dim::size).toList()),
                values,
                List.of(),
                List.of(AxisUse.identity(joined, "concat")),
                joined,
                values.get(0).rows());
    }

    private static Dim withoutLast(Dim dim) {
        return new Dim(dim.atoms().subList(0, dim.atoms().size() - 1));
    }

    private static Atom sumOf(List<Dim> parts, String name, int priority) {
        int size = 0;
        for (Dim part : parts) {
            size += part.size();
        }
        Atom sum = new Atom(size, name, priority);
        sum.refine(Atom.Kind.SUM, parts);
        return sum;
    }

    Value norm(Value x, Op.NormKind kind, double epsilon, WeightExpression scale, WeightExpression shift) {
        Op op = new Op.Norm(kind, epsilon, scale != null, shift != null, 1);
        return add(
                op,
                List.of(x),
                normWeights(scale, shift, x.dim()),
                List.of(AxisUse.statistics(x.dim(), "norm")),
                x.dim(),
                x.rows());
    }

    /** A norm of each head. Its weights cover all heads, or the features of one head, shared by all. */
    Value headNorm(
            Value x,
            int headDim,
            Op.NormKind kind,
            double epsilon,
            WeightExpression scale,
            WeightExpression shift,
            boolean perHead) {
        Dim head = headsOf(x, headDim, "a norm per head");
        Op op = new Op.Norm(kind, epsilon, scale != null, shift != null, x.width() / headDim);
        return add(
                op,
                List.of(x),
                normWeights(scale, shift, perHead ? x.dim() : head),
                List.of(AxisUse.closed(head, "a norm per head needs the whole head")),
                x.dim(),
                x.rows());
    }

    private List<Weight> normWeights(WeightExpression scale, WeightExpression shift, Dim dim) {
        List<Weight> used = new ArrayList<>();
        for (WeightExpression expression : new WeightExpression[] {scale, shift}) {
            if (expression != null) {
                used.add(weight(expression, List.of(dim)));
            }
        }
        return used;
    }

    /** Splits a value's features into heads of this many features, and returns the axis of the features. */
    private Dim headsOf(Value x, int headDim, String what) {
        if (x.width() % headDim != 0) {
            throw new GraphException(
                    what + " in " + scope + " needs heads of " + headDim + " features, found " + x.width() + " in all");
        }
        Atom head = new Atom(headDim, scope + "query-key width", 1);
        Atom heads = new Atom(x.width() / headDim, scope + "heads", 0);
        sameAxis(x.dim(), Dim.of(heads, head), what + " in " + scope);
        return Dim.of(head);
    }

    Value rotary(Value x, Op.Rotary op) {
        if (op.first() < 0 || op.first() + op.rotated() > op.headDim()) {
            throw new GraphException("rotary positions in " + scope + " turn " + op.rotated() + " features from "
                    + op.first() + " on, of heads of " + op.headDim());
        }
        Dim head = headsOf(x, op.headDim(), "rotary positions");
        AxisUse whole = AxisUse.closed(head, "rotary positions turn it whole");
        return add(op, List.of(x), List.of(), List.of(whole), x.dim(), x.rows());
    }

    Value route(Value logits, Routing routing, WeightExpression correction) {
        List<Weight> used = routing.corrected() ? List.of(weight(correction, List.of(logits.dim()))) : List.of();
        AxisUse whole = AxisUse.closed(logits.dim(), "experts are chosen among all");
        return add(new Op.Route(routing), List.of(logits), used, List.of(whole), logits.dim(), logits.rows());
    }

    Value experts(Value x, Value weights, Value like, int inner, Op.Experts op, ExpertWeights from) {
        Dim experts = Dim.of(new Atom(weights.width(), scope + "experts", 2));
        Dim width = Dim.of(new Atom(inner, scope + "expert ffn", 1));
        List<Weight> used = new ArrayList<>();
        used.add(weight(from.gate(), List.of(experts, width, x.dim())));
        used.add(weight(from.up(), List.of(experts, width, x.dim())));
        used.add(weight(from.down(), List.of(experts, like.dim(), width)));
        if (op.bias()) {
            used.add(weight(from.gateBias(), List.of(experts, width)));
            used.add(weight(from.upBias(), List.of(experts, width)));
            used.add(weight(from.downBias(), List.of(experts, like.dim())));
        }
        List<AxisUse> signature = List.of(
                AxisUse.summed(experts, "mixture"),
                AxisUse.summed(width, "contraction"),
                AxisUse.closed(x.dim(), "an expert needs its whole input"),
                AxisUse.closed(weights.dim(), "every rank reads the weights of its experts"),
                AxisUse.free(like.dim(), "mixture"));
        return add(op, List.of(x, weights), used, signature, like.dim(), x.rows());
    }

    Value attention(AttentionInputs in, Op.Attention op, List<WeightExpression> biasTables, WeightExpression sinks) {
        return new AttentionBuilder(this, scope, in, op).build(biasTables, sinks);
    }

    Value attention(
            Op.Attention op,
            List<Value> inputs,
            List<Weight> used,
            List<AxisUse> signature,
            Dim heads,
            Dim out,
            RowAxis rows) {
        headRuns.add(heads);
        return add(op, inputs, used, signature, out, rows);
    }

    Value neighbours(Value x, List<Integer> places) {
        // A new feature axis: a contraction over it can be split even if the features of x cannot.
        Dim out = Dim.of(
                new Atom(places.size(), scope + "neighbours", 0), new Atom(x.width(), scope + "features beside", 1));
        List<AxisUse> signature =
                List.of(AxisUse.closed(x.dim(), "rows beside are read whole"), AxisUse.free(out, "rows beside"));
        return add(new Op.Neighbours(places), List.of(x), List.of(), signature, out, x.rows());
    }

    Value poolRows(Value x, Op.PoolRows how, RowAxis blocks) {
        if (blocks.kind() != RowAxis.Kind.BLOCKS || !x.rows().equals(blocks.base())) {
            throw new GraphException(
                    "rows " + x.rows() + " in " + scope + " are pooled to " + blocks + ", expected blocks of theirs");
        }
        return onto(how, x, blocks);
    }

    Value repeatRows(Value x, Op.RepeatRows op, RowAxis rows) {
        RowAxis from = x.rows();
        while (from.kind() == RowAxis.Kind.BLOCKS && !from.equals(rows)) {
            from = from.base();
        }
        if (!from.equals(rows)) {
            throw new GraphException("rows " + x.rows() + " in " + scope + " are repeated along " + rows
                    + ", expected an axis whose blocks they are");
        }
        return onto(op, x, rows);
    }

    private Value onto(Op op, Value x, RowAxis rows) {
        return add(op, List.of(x), List.of(), List.of(AxisUse.identity(x.dim(), "rows")), x.dim(), rows);
    }

    Value perSequence(List<Value> inputs, Op.PerSequence op) {
        Dim heads = Dim.of(new Atom(op.heads(), scope + "heads", 2));
        List<AxisUse> signature = new ArrayList<>(List.of(AxisUse.identity(heads, "heads")));
        RowAxis rows = inputs.get(0).rows();
        for (int i = 0; i < inputs.size(); i++) {
            Dim width = Dim.of(new Atom(op.body().inputWidth(i), scope + "width", 1));
            sameAxis(inputs.get(i).dim(), heads.times(width), "computations on a sequence in " + scope);
            signature.add(AxisUse.closed(width, "computations on a sequence need whole heads"));
            if (!inputs.get(i).rows().equals(rows)) {
                throw new GraphException("computations on a sequence in " + scope + " meet rows " + rows + " and "
                        + inputs.get(i).rows());
            }
        }
        Dim made = Dim.of(new Atom(op.body().width(), scope + "width out", 1));
        made.close("computations on a sequence yield whole heads");
        signature.add(AxisUse.closed(made, "computations on a sequence yield whole heads"));
        return add(op, inputs, List.of(), signature, heads.times(made), rows);
    }

    Value affine(Value x, WeightExpression scale, WeightExpression shift) {
        Op op = new Op.Affine(scale != null, shift != null);
        AxisUse each = AxisUse.identity(x.dim(), op.name());
        return add(op, List.of(x), normWeights(scale, shift, x.dim()), List.of(each), x.dim(), x.rows());
    }

    Value pickRows(Value x, RowAxis.Kind which) {
        return onto(new Op.PickRows(which), x, x.rows().pick(which));
    }

    private Value add(Op op, List<Value> inputs, List<Weight> used, List<AxisUse> signature, Dim dim, RowAxis rows) {
        Node node = new Node(nodes.size(), op, inputs, used, signature, scope);
        nodes.add(node);
        for (AxisUse use : signature) {
            if (use.kind() == AxisUse.Kind.CLOSED) {
                use.dim().close(use.why());
            }
        }
        Value value = new Value(this, node, dim, rows);
        node.output(value);
        return value;
    }

    static void sameAxis(Dim first, Dim second, String where) {
        if (first.size() != second.size()) {
            throw new GraphException(where + ": sizes differ, " + first.size() + " " + first + " against "
                    + second.size() + " " + second);
        }
        Axes.equate(first, second);
    }

    /** Names an output of the model. */
    public void output(String name, Value value) {
        outputs.put(name, value);
    }

    /** The finished graph, with output rows picked as early as possible. */
    public Graph finish() {
        return RowPicks.hoist(new Graph(nodes, outputs, headRuns));
    }
}
