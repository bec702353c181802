package dev.lockstep.backend.lowering;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.OpVisitor;
import dev.lockstep.graph.Value;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Collective;
import dev.lockstep.partition.Plan;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Turns a plan into the steps of one rank. Selects become views. Sums with a single operand become aliases. An
 * activation is fused into the linear map before it. Linear maps with the same input become one. Every other node
 * becomes one step.
 */
final class Lowering implements OpVisitor {
    private final RankGraph graph;
    private final LoweredValues values;
    private final Emission code;
    private final RowLowering rows;
    private final FeatureLowering features;
    private final LinearLowering linears;
    private final NormLowering norms;
    private final AttentionLowering attentions;
    private final MixtureLowering mixtures;
    private final boolean comparesReplicas;
    private final int[] remainingUses;

    private Lowering(RankGraph graph, CacheLayout caches, List<Collective> collectives, boolean comparesReplicas) {
        this.graph = graph;
        this.values = new LoweredValues(graph, caches, collectives);
        this.code = values.code();
        this.rows = new RowLowering(values);
        this.features = new FeatureLowering(values);
        this.linears = new LinearLowering(values);
        this.norms = new NormLowering(values);
        this.attentions = new AttentionLowering(values);
        this.mixtures = new MixtureLowering(values);
        this.comparesReplicas = comparesReplicas;
        this.remainingUses = new int[graph.model().graph().nodes().size()];
    }

    /** The steps of one entry point. */
    static LoweredEntry lower(
            RankGraph graph,
            EntryPoint point,
            CacheLayout caches,
            List<Collective> collectives,
            boolean comparesReplicas) {
        Lowering lowering = new Lowering(graph, caches, collectives, comparesReplicas);
        lowering.countUses();
        for (Plan.Step step : graph.plan().steps()) {
            if (step instanceof Plan.Compute compute) {
                if (compute.node().output().rows().entry() != point) {
                    continue;
                }
                lowering.compute(compute.node());
            } else {
                lowering.exchange((Plan.Exchange) step, point);
            }
            lowering.attentions.feedCrossAttentions(point);
        }
        return lowering.code.finish(point, graph.model().graph().carried(point), lowering.outputs(point));
    }

    private void countUses() {
        for (Node node : graph.model().graph().nodes()) {
            for (Value input : node.inputs()) {
                remainingUses[input.producer().id()]++;
            }
        }
        for (Value output : graph.model().graph().outputs().values()) {
            remainingUses[output.producer().id()]++;
        }
    }

    // ---------------------------------------------------------------- computations

    private void compute(Node node) {
        code.name(node.op().name() + " " + node.output().width());
        node.op().accept(this, node);
        for (Value input : node.inputs()) {
            remainingUses[input.producer().id()]--;
        }
        compareReplicas(node);
    }

    private void compareReplicas(Node node) {
        PartialValue value = values.value(node);
        boolean replicated = graph.ranks() > 1
                && value.partial() == null
                && !values.split().splits(node.output().dim());
        if (comparesReplicas && replicated) {
            code.emit(new Step.CompareReplicas(node.toString(), value.replicated()));
        }
    }

    @Override
    public void lookup(Node node, Op.Lookup op) {
        View out = values.fresh(node.output());
        int[] held = values.local(node.weights().get(0).dims().get(0));
        code.emit(new Step.Lookup(op, node.weights().get(0), held, out));
        values.putResult(node, out);
    }

    @Override
    public void sinusoids(Node node, Op.Sinusoids op) {
        View out = values.fresh(node.output());
        int[] held = values.local(node.output().dim());
        code.emit(new Step.Sinusoids(op, node.output().width(), held, out));
        values.putComplete(node, out);
    }

    @Override
    public void linear(Node node, Op.Linear op) {
        linears.linear(node);
    }

    @Override
    public void headLinear(Node node, Op.HeadLinear op) {
        linears.headLinear(node);
    }

    @Override
    public void binary(Node node, Op.Binary op) {
        switch (op) {
            case ADD -> rows.add(node);
            case MULTIPLY -> rows.multiply(node, false);
        }
    }

    @Override
    public void scale(Node node, Op.Scale op) {
        rows.each(node, (from, to) -> new Step.Scale(op.factor(), from, to));
    }

    @Override
    public void scaleRows(Node node, Op.ScaleRows op) {
        rows.multiply(node, true);
    }

    @Override
    public void scaleByPosition(Node node, Op.ScaleByPosition op) {
        rows.each(node, (from, to) -> new Step.ScaleByPosition(op.factor(), from, to));
    }

    @Override
    public void clamp(Node node, Op.Clamp op) {
        rows.whole(node, (from, to) -> new Step.Clamp(op, from, to));
    }

    @Override
    public void softCap(Node node, Op.SoftCap op) {
        rows.whole(node, (from, to) -> new Step.SoftCap(op.cap(), from, to));
    }

    @Override
    public void select(Node node, Op.Select op) {
        features.select(node, op);
    }

    @Override
    public void concat(Node node, Op.Concat op) {
        features.concat(node, op);
    }

    @Override
    public void previous(Node node, Op.Previous op) {
        attentions.previous(node);
    }

    @Override
    public void affine(Node node, Op.Affine op) {
        List<Weight> weights = node.weights();
        Weight scale = op.scale() ? weights.get(0) : null;
        Weight shift = op.shift() ? weights.get(weights.size() - 1) : null;
        rows.exact(node, (from, to) -> new Step.Affine(scale, shift, from, to));
    }

    @Override
    public void neighbours(Node node, Op.Neighbours op) {
        features.neighbours(node, op);
    }

    @Override
    public void poolRows(Node node, Op.PoolRows op) {
        rows.each(node, (from, to) -> new Step.PoolRows(op, from, to));
    }

    @Override
    public void repeatRows(Node node, Op.RepeatRows op) {
        rows.each(node, (from, to) -> new Step.RepeatRows(op, from, to));
    }

    @Override
    public void perSequence(Node node, Op.PerSequence op) {
        features.perSequence(node, op);
    }

    @Override
    public void activate(Node node, Op.Activate op) {
        rows.activate(node, op);
    }

    @Override
    public void xielu(Node node, Op.Xielu op) {
        rows.whole(node, (from, to) -> new Step.Xielu(node.weights().get(0), from, to));
    }

    @Override
    public void norm(Node node, Op.Norm op) {
        norms.norm(node, op);
    }

    @Override
    public void rotary(Node node, Op.Rotary op) {
        attentions.rotary(node, op);
    }

    @Override
    public void pickRows(Node node, Op.PickRows op) {
        rows.each(node, Step.PickRows::new);
    }

    @Override
    public void route(Node node, Op.Route op) {
        mixtures.route(node, op);
    }

    @Override
    public void experts(Node node, Op.Experts op) {
        mixtures.experts(node, op);
    }

    @Override
    public void attention(Node node, Op.Attention op) {
        attentions.attention(node, op);
    }

    // ---------------------------------------------------------------- exchanges

    private void exchange(Plan.Exchange exchange, EntryPoint point) {
        for (Node node : exchange.nodes()) {
            if (node.output().rows().entry() != point) {
                continue;
            }
            switch (exchange.kind()) {
                case ALL_REDUCE -> allReduce(node);
                case STATISTICS -> norms.statistics(node);
                case GATHER -> {
                    // Split outputs stay split: after the step, candidates are exchanged or whole outputs gathered.
                }
            }
        }
    }

    private void allReduce(Node node) {
        code.name("all-reduce");
        PartialValue value = values.value(node);
        View sum = value.partial();
        if (!sum.isWhole() || isReadLater(node, sum)) {
            View copy = code.fresh(node.output().rows(), sum.width());
            code.emit(new Step.Copy(sum, copy));
            sum = copy;
        }
        code.emit(new Step.AllReduce(values.collective(node), sum));
        if (value.replicated() != null) {
            code.emit(new Step.Add(sum, value.replicated(), sum));
        }
        values.putComplete(node, sum);
    }

    /** Whether another partial value shares the buffer and will still be read as this rank's partial value. */
    private boolean isReadLater(Node node, View sum) {
        for (Map.Entry<Integer, PartialValue> entry : values.values().entrySet()) {
            boolean other = entry.getKey() >= 0
                    && entry.getKey() != node.id()
                    && entry.getValue().partial() != null;
            if (other && entry.getValue().partial().buffer() == sum.buffer() && remainingUses[entry.getKey()] > 0) {
                return true;
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- ends

    private List<ModelOutput> outputs(EntryPoint point) {
        List<ModelOutput> outputs = new ArrayList<>();
        graph.model().graph().outputs().forEach((name, value) -> {
            if (value.rows().entry() == point) {
                View view = code.plain(values.complete(value));
                outputs.add(new ModelOutput(name, value.rows(), value.width(), view, indices(value)));
            }
        });
        return outputs;
    }

    private int[][] indices(Value value) {
        if (!values.split().splits(value.dim())) {
            return null;
        }
        int[][] indices = new int[graph.ranks()][];
        for (int other = 0; other < indices.length; other++) {
            indices[other] = values.split().local(value.dim(), other);
        }
        return indices;
    }
}
