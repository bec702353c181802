package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.kernel.RowTable;
import dev.lockstep.backend.cpu.kernel.Xielu;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import dev.lockstep.partition.Plan;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Turns the steps of a plan into instructions of one rank. Selects become views, sums with a single operand become
 * aliases, an activation joins the linear map before it; the rest is one instruction a node.
 */
final class Lowering {
    private final RankGraph graph;
    private final LoweredValues values;
    private final Emission code;
    private final RowLowering rows;
    private final FeatureLowering features;
    private final LinearLowering linears;
    private final NormLowering norms;
    private final AttentionLowering attentions;
    private final MixtureLowering mixtures;
    private final int[] remainingUses;

    private Lowering(RankGraph graph, Resources resources) {
        this.graph = graph;
        this.values = new LoweredValues(graph, resources);
        this.code = values.code();
        this.rows = new RowLowering(values);
        this.features = new FeatureLowering(values);
        this.linears = new LinearLowering(values);
        this.norms = new NormLowering(values);
        this.attentions = new AttentionLowering(values);
        this.mixtures = new MixtureLowering(values);
        this.remainingUses = new int[graph.model().graph().nodes().size()];
    }

    /**
     * The entry point that runs the rows of this axis.
     *
     * @param tiles how steps are cut
     */
    static Lowered lower(RankGraph graph, String axis, Resources resources, TileSize tiles) {
        Lowering lowering = new Lowering(graph, resources);
        lowering.countUses();
        for (Plan.Step step : graph.plan().steps()) {
            if (step instanceof Plan.Compute compute) {
                if (!compute.node().output().rows().name().equals(axis)) {
                    continue;
                }
                lowering.compute(compute.node());
            } else {
                lowering.exchange((Plan.Exchange) step, axis);
            }
            lowering.attentions.feedCrossAttentions(axis);
        }
        return lowering.code.finish(lowering.outputs(axis), tiles);
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
        lower(node, node.op());
        for (Value input : node.inputs()) {
            remainingUses[input.producer().id()]--;
        }
        checkReplicas(node);
    }

    private void lower(Node node, Op op) {
        if (op instanceof Op.Lookup lookup) {
            lookup(node, lookup);
        } else if (op instanceof Op.Sinusoids sinusoids) {
            Operand out = values.fresh(node.output());
            int[] held = values.local(node.output().dim());
            code.emit(RowInstructions.sinusoids(sinusoids, node.output().width(), held, out), out);
            values.putWhole(node, out);
        } else if (op instanceof Op.Linear) {
            linears.linear(node);
        } else if (op instanceof Op.HeadLinear) {
            linears.headLinear(node);
        } else if (op == Op.Binary.ADD) {
            rows.add(node);
        } else if (op == Op.Binary.MULTIPLY) {
            rows.multiply(node, false);
        } else if (op instanceof Op.ScaleRows) {
            rows.multiply(node, true);
        } else if (op instanceof Op.Scale scale) {
            rows.each(node, (from, to) -> RowInstructions.scale(from, to, scale.factor()));
        } else if (op instanceof Op.ScaleByPosition scale) {
            rows.each(node, (from, to) -> RowInstructions.scaleByPosition(from, to, scale.factor()));
        } else if (op instanceof Op.Clamp clamp) {
            rows.whole(node, (from, to) -> RowInstructions.clamp(from, to, clamp));
        } else if (op instanceof Op.SoftCap cap) {
            rows.whole(node, (from, to) -> RowInstructions.softCap(from, to, cap.cap()));
        } else if (op instanceof Op.Activate activate) {
            rows.activate(node, activate);
        } else if (op instanceof Op.Xielu) {
            Xielu curve = values.resources().xielu(node);
            rows.whole(node, (from, to) -> RowInstructions.xielu(from, to, curve));
        } else if (op instanceof Op.PickRows) {
            rows.each(
                    node,
                    (from, to) -> RowInstructions.pick(from, to, node.output().rows()));
        } else if (op instanceof Op.Select select) {
            features.select(node, select);
        } else if (op instanceof Op.Concat concat) {
            features.concat(node, concat);
        } else if (op instanceof Op.Norm norm) {
            norms.norm(node, norm);
        } else if (op instanceof Op.Rotary rotary) {
            attentions.rotary(node, rotary);
        } else if (op instanceof Op.Previous) {
            attentions.previous(node);
        } else if (op instanceof Op.Attention attention) {
            attentions.attention(node, attention);
        } else if (op instanceof Op.Route route) {
            mixtures.route(node, route);
        } else if (op instanceof Op.Experts experts) {
            mixtures.experts(node, experts);
        } else {
            throw new IllegalStateException("no instruction for " + op.name());
        }
    }

    private void checkReplicas(Node node) {
        Slot slot = values.slot(node);
        boolean replicated = graph.ranks() > 1
                && slot.sum() == null
                && !values.split().splits(node.output().dim());
        if (values.resources().checksReplicas() && replicated) {
            code.emit(ReplicaCheck.of(node.toString(), slot.whole()), slot.whole());
        }
    }

    private void lookup(Node node, Op.Lookup lookup) {
        Operand out = values.fresh(node.output());
        int[] held = values.local(node.weights().get(0).dims().get(0));
        RowTable table = values.resources().table(node);
        code.emit(RowInstructions.lookup(table, held, lookup, node.output().rows(), out), out);
        values.putResult(node, out);
    }

    // ---------------------------------------------------------------- exchanges

    private void exchange(Plan.Exchange exchange, String axis) {
        for (Node node : exchange.nodes()) {
            if (!node.output().rows().name().equals(axis)) {
                continue;
            }
            if (exchange.kind() == Plan.Exchange.Kind.ALL_REDUCE) {
                allReduce(node);
            } else if (exchange.kind() == Plan.Exchange.Kind.STATISTICS) {
                norms.statistics(node);
            }
            // Split outputs stay as they are: candidates are exchanged, or whole outputs gathered, after the step.
        }
    }

    private void allReduce(Node node) {
        code.name("all-reduce");
        Slot slot = values.slot(node);
        Operand sum = slot.sum();
        if (sum.width() != sum.buffer().width() || !sum.isPlain() || isReadLater(node, sum)) {
            Operand copy = code.fresh(node.output().rows(), sum.width());
            code.emit(RowInstructions.copy(sum, copy), sum, copy);
            sum = copy;
        }
        code.emit(ExchangeInstructions.allReduce(sum, values.resources().meeting(node)), sum);
        if (slot.whole() != null) {
            code.emit(RowInstructions.add(sum, slot.whole(), sum), sum, slot.whole());
        }
        values.putWhole(node, sum);
    }

    /** Whether another open value shares the buffer and is still to be read as the share it is. */
    private boolean isReadLater(Node node, Operand sum) {
        for (Map.Entry<Integer, Slot> entry : values.slots().entrySet()) {
            boolean other = entry.getKey() >= 0
                    && entry.getKey() != node.id()
                    && entry.getValue().sum() != null;
            if (other && entry.getValue().sum().buffer() == sum.buffer() && remainingUses[entry.getKey()] > 0) {
                return true;
            }
        }
        return false;
    }

    // ---------------------------------------------------------------- ends

    private List<OutputValue> outputs(String axis) {
        List<OutputValue> outputs = new ArrayList<>();
        graph.model().graph().outputs().forEach((name, value) -> {
            if (value.rows().name().equals(axis)) {
                Operand operand = code.plain(values.whole(value));
                code.keepToEnd(operand);
                outputs.add(new OutputValue(name, value.rows(), value.width(), operand, indices(value)));
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
