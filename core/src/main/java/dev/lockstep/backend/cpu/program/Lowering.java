package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.AxisUse;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Value;
import dev.lockstep.partition.Plan;
import dev.lockstep.partition.RankGraph;
import dev.lockstep.partition.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the steps of a plan into instructions of one rank. Selects become views, sums with a single operand become
 * aliases, an activation joins the linear map before it; the rest is one instruction a node.
 */
final class Lowering {
    private final RankGraph graph;
    private final Split split;
    private final int rank;
    private final Resources resources;
    private final Map<Integer, Slot> slots = new HashMap<>();
    private final int[] remainingUses;
    private final Emission code = new Emission();

    private Lowering(RankGraph graph, Resources resources) {
        this.graph = graph;
        this.split = graph.split();
        this.rank = graph.rank();
        this.resources = resources;
        this.remainingUses = new int[graph.model().graph().nodes().size()];
    }

    /** The entry point that runs the rows of this axis. */
    static Lowered lower(RankGraph graph, String axis, Resources resources) {
        Lowering lowering = new Lowering(graph, resources);
        lowering.countUses();
        for (Plan.Step step : graph.plan().steps()) {
            if (step instanceof Plan.Compute compute) {
                if (compute.node().output().rows().name().equals(axis)) {
                    lowering.compute(compute.node());
                }
            } else {
                lowering.exchange((Plan.Exchange) step, axis);
            }
        }
        return lowering.code.finish(lowering.outputs(axis));
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

    // ---------------------------------------------------------------- buffers

    private int localWidth(Dim dim) {
        return split.local(dim, rank).length;
    }

    private Operand fresh(Value value) {
        return code.fresh(value.rows(), localWidth(value.dim()));
    }

    /** An input that must be whole: split or replicated, with no sum outstanding. */
    private Operand whole(Value value) {
        Slot slot = slots.get(value.producer().id());
        if (slot == null || slot.sum() != null) {
            throw new IllegalStateException("%" + value.producer().id() + " is used before its sum is complete");
        }
        return slot.whole();
    }

    // ---------------------------------------------------------------- computations

    private void compute(Node node) {
        Op op = node.op();
        if (op instanceof Op.Lookup lookup) {
            lookup(node, lookup);
        } else if (op instanceof Op.Linear) {
            linear(node);
        } else if (op == Op.Binary.ADD) {
            add(node);
        } else if (op == Op.Binary.MULTIPLY) {
            multiply(node);
        } else if (op instanceof Op.Scale scale) {
            elementwise(node, (from, to) -> RowInstructions.scale(from, to, scale.factor()));
        } else if (op instanceof Op.Activate activate) {
            activate(node, activate);
        } else if (op instanceof Op.Select select) {
            select(node, select);
        } else if (op instanceof Op.Concat) {
            concat(node);
        } else if (op instanceof Op.PickRows) {
            elementwise(
                    node,
                    (from, to) -> RowInstructions.pick(from, to, node.output().rows()));
        } else if (op instanceof Op.Norm norm) {
            norm(node, norm);
        } else if (op instanceof Op.Rotary rotary) {
            rotary(node, rotary);
        } else {
            attention(node, (Op.Attention) op);
        }
        for (Value input : node.inputs()) {
            remainingUses[input.producer().id()]--;
        }
        checkReplicas(node);
    }

    private void checkReplicas(Node node) {
        Slot slot = slots.get(node.id());
        boolean replicated = graph.ranks() > 1
                && slot.sum() == null
                && !split.splits(node.output().dim());
        if (resources.checksReplicas() && replicated) {
            code.emit(ReplicaCheck.of(node.toString(), slot.whole()), slot.whole());
        }
    }

    private void lookup(Node node, Op.Lookup lookup) {
        Operand out = fresh(node.output());
        int[] held = split.local(node.weights().get(0).dims().get(0), rank);
        code.emit(
                RowInstructions.lookup(
                        resources.table(node), held, lookup, node.output().rows(), out),
                out);
        slots.put(node.id(), isSum(node) ? Slot.sum(out) : Slot.whole(out));
    }

    /** True when the node itself makes a sum over ranks. */
    private boolean isSum(Node node) {
        for (AxisUse use : node.signature()) {
            boolean sums = use.kind() == AxisUse.Kind.SUMMED || use.kind() == AxisUse.Kind.MASKED_LOOKUP;
            if (sums && split.splits(use.dim())) {
                return true;
            }
        }
        return false;
    }

    private void linear(Node node) {
        Operand in = code.plain(whole(node.input(0)));
        Operand out = fresh(node.output());
        boolean sum = isSum(node);
        Node activation = sum ? null : soleActivation(node);
        LinearWeights weights = resources.linear(node, !sum || rank == 0);
        code.emit(LinearInstructions.linear(weights, in, out, activation), in, out);
        slots.put(node.id(), sum ? Slot.sum(out) : Slot.whole(out));
        if (activation != null) {
            slots.put(activation.id(), Slot.whole(out));
        }
    }

    /** The activation that alone uses a linear map's output: it runs in the same instruction. */
    private Node soleActivation(Node node) {
        Node found = null;
        int uses = 0;
        for (Node user : graph.model().graph().nodes()) {
            for (Value input : user.inputs()) {
                if (input.producer() == node) {
                    uses++;
                    found = user;
                }
            }
        }
        boolean isOutput = graph.model().graph().outputs().values().stream().anyMatch(v -> v.producer() == node);
        boolean joins = uses == 1 && !isOutput && found.op() instanceof Op.Activate;
        return joins ? found : null;
    }

    private void activate(Node node, Op.Activate activate) {
        if (!slots.containsKey(node.id())) {
            elementwise(node, (from, to) -> RowInstructions.activate(from, to, activate.function()));
        }
    }

    /** An instruction from one operand to another. */
    private interface Unary {
        Instruction of(Operand from, Operand to);
    }

    /** Ops that act on both halves of the lazy pair alike. */
    private void elementwise(Node node, Unary unary) {
        Slot in = slots.get(node.input(0).producer().id());
        slots.put(node.id(), new Slot(map(node, unary, in.whole()), map(node, unary, in.sum())));
    }

    private Operand map(Node node, Unary unary, Operand from) {
        if (from == null) {
            return null;
        }
        Operand to = code.fresh(node.output().rows(), from.width());
        code.emit(unary.of(from, to), from, to);
        return to;
    }

    private void add(Node node) {
        Slot first = slots.get(node.input(0).producer().id());
        Slot second = slots.get(node.input(1).producer().id());
        slots.put(node.id(), new Slot(sum(node, first.whole(), second.whole()), sum(node, first.sum(), second.sum())));
    }

    /** One operand stands for itself: adding to nothing moves nothing. */
    private Operand sum(Node node, Operand first, Operand second) {
        if (first == null || second == null) {
            return first == null ? second : first;
        }
        Operand to = code.fresh(node.output().rows(), first.width());
        code.emit(RowInstructions.add(first, second, to), first, second, to);
        return to;
    }

    private void multiply(Node node) {
        Slot first = slots.get(node.input(0).producer().id());
        Slot second = slots.get(node.input(1).producer().id());
        Slot pair = first.sum() != null ? first : second;
        Operand factor = first.sum() != null ? second.whole() : first.whole();
        slots.put(node.id(), new Slot(product(node, pair.whole(), factor), product(node, pair.sum(), factor)));
    }

    private Operand product(Node node, Operand one, Operand factor) {
        if (one == null) {
            return null;
        }
        Operand to = code.fresh(node.output().rows(), one.width());
        code.emit(RowInstructions.multiply(one, factor, to), one, factor, to);
        return to;
    }

    private void select(Node node, Op.Select select) {
        int[] columns = selectedColumns(node, select);
        Slot in = slots.get(node.input(0).producer().id());
        slots.put(
                node.id(),
                new Slot(
                        code.columns(node.output().rows(), in.whole(), columns),
                        code.columns(node.output().rows(), in.sum(), columns)));
    }

    /** Where the selected indices lie among those the rank holds of the whole. */
    private int[] selectedColumns(Node node, Op.Select select) {
        int[] wanted = split.local(node.output().dim(), rank);
        int[] held = split.local(node.input(0).dim(), rank);
        int[] columns = new int[wanted.length];
        int partSize = select.part() * select.minor();
        for (int i = 0; i < wanted.length; i++) {
            int major = wanted[i] / partSize;
            int source = (major * select.whole() + select.offset()) * select.minor() + wanted[i] % partSize;
            columns[i] = Arrays.binarySearch(held, source);
            if (columns[i] < 0) {
                throw new IllegalStateException(node + " needs feature " + source + " that rank " + rank + " lacks");
            }
        }
        return columns;
    }

    private void concat(Node node) {
        Operand out = fresh(node.output());
        int offset = 0;
        for (Value input : node.inputs()) {
            Operand from = whole(input);
            int[] columns = new int[from.width()];
            for (int i = 0; i < columns.length; i++) {
                columns[i] = offset + i;
            }
            // Local indices are ascending, so the parts of a sum stay in order and contiguous.
            Operand target = code.remember(out.select(columns));
            code.emit(RowInstructions.copy(from, target), from, target);
            offset += from.width();
        }
        slots.put(node.id(), Slot.whole(out));
    }

    private void norm(Node node, Op.Norm norm) {
        Operand in = code.plain(whole(node.input(0)));
        Operand out = fresh(node.output());
        NormWeights weights = resources.norm(node);
        if (!split.splits(node.input(0).dim())) {
            code.emit(RowInstructions.norm(norm, weights, in, out), in, out);
        } else {
            Operand statistics = slots.get(statisticsKey(node)).whole();
            code.emit(
                    ExchangeInstructions.normFromStatistics(norm, weights, in, statistics, graph.ranks(), out),
                    in,
                    statistics,
                    out);
        }
        slots.put(node.id(), Slot.whole(out));
    }

    /** Exchanged statistics have a slot of their own beside the node's. */
    private static int statisticsKey(Node node) {
        return -1 - node.id();
    }

    private void rotary(Node node, Op.Rotary rotary) {
        Operand in = code.headRuns(whole(node.input(0)), rotary.headDim());
        Operand out = code.fresh(node.output().rows(), in.width());
        code.emit(AttentionInstructions.rotary(rotary, resources.angles(rotary.table()), in, out), in, out);
        slots.put(node.id(), Slot.whole(out));
    }

    private void attention(Node node, Op.Attention attention) {
        HeadLayout layout = HeadLayout.of(node, attention, split, rank);
        Operand out = fresh(node.output());
        slots.put(node.id(), Slot.whole(out));
        if (layout.heads() == 0 || layout.valueWidth() == 0) {
            code.emit(step -> {}, out);
            return;
        }
        Operand query = code.headRuns(whole(node.input(0)), layout.queryWidth());
        if (attention.pattern() == Op.Pattern.BIDIRECTIONAL) {
            Operand key = code.headRuns(whole(node.input(1)), layout.queryWidth());
            Operand value = code.headRuns(whole(node.input(2)), layout.valueWidth());
            code.emit(
                    AttentionInstructions.overRows(resources.overRows(node, layout), query, key, value, out),
                    query,
                    key,
                    value,
                    out);
            return;
        }
        boolean cross = attention.pattern() == Op.Pattern.CROSS;
        if (!cross) {
            writeCache(node, layout);
        }
        code.emit(
                AttentionInstructions.overCache(
                        resources.paged(node, layout), resources.cache(node), cross, query, out),
                query,
                out);
    }

    private void writeCache(Node attention, HeadLayout layout) {
        Operand key = code.headRuns(whole(attention.input(1)), layout.queryWidth());
        Operand value = code.headRuns(whole(attention.input(2)), layout.valueWidth());
        code.emit(AttentionInstructions.writeCache(resources.cache(attention), key, value), key, value);
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
                statistics(node);
            }
            // Split outputs stay as they are: candidates are exchanged, or whole outputs gathered, after the step.
        }
    }

    private void allReduce(Node node) {
        Slot slot = slots.get(node.id());
        Operand sum = slot.sum();
        if (sum.width() != sum.buffer().width() || !sum.isPlain() || isReadLater(node, sum)) {
            Operand copy = code.fresh(node.output().rows(), sum.width());
            code.emit(RowInstructions.copy(sum, copy), sum, copy);
            sum = copy;
        }
        code.emit(ExchangeInstructions.allReduce(sum, resources.meeting(node)), sum);
        if (slot.whole() != null) {
            code.emit(RowInstructions.add(sum, slot.whole(), sum), sum, slot.whole());
        }
        slots.put(node.id(), Slot.whole(sum));
    }

    /** Whether another open value shares the buffer and is still to be read as the share it is. */
    private boolean isReadLater(Node node, Operand sum) {
        for (Map.Entry<Integer, Slot> entry : slots.entrySet()) {
            boolean other = entry.getKey() >= 0
                    && entry.getKey() != node.id()
                    && entry.getValue().sum() != null;
            if (other && entry.getValue().sum().buffer() == sum.buffer() && remainingUses[entry.getKey()] > 0) {
                return true;
            }
        }
        return false;
    }

    private void statistics(Node node) {
        Operand in = code.plain(whole(node.input(0)));
        Operand gathered = code.fresh(node.output().rows(), 3 * graph.ranks());
        Operand own = code.fresh(node.output().rows(), 3);
        boolean[] owned = split.owned(node.input(0).dim(), rank);
        code.emit(
                ExchangeInstructions.statistics(in, owned, own, gathered, resources.meeting(node)), in, own, gathered);
        slots.put(statisticsKey(node), Slot.whole(gathered));
    }

    // ---------------------------------------------------------------- ends

    /** Caches of attentions in other entry points that this one's values feed, and the model's outputs. */
    private List<OutputValue> outputs(String axis) {
        for (Node node : graph.model().graph().nodes()) {
            if (node.op() instanceof Op.Attention attention
                    && attention.pattern() == Op.Pattern.CROSS
                    && node.input(1).rows().name().equals(axis)) {
                HeadLayout layout = HeadLayout.of(node, attention, split, rank);
                if (layout.keyValueHeads() > 0 && layout.valueWidth() > 0) {
                    writeCache(node, layout);
                }
            }
        }
        List<OutputValue> outputs = new ArrayList<>();
        graph.model().graph().outputs().forEach((name, value) -> {
            if (value.rows().name().equals(axis)) {
                Operand operand = code.plain(whole(value));
                code.keepToEnd(operand);
                outputs.add(new OutputValue(name, value.rows(), value.width(), operand, indices(value)));
            }
        });
        return outputs;
    }

    private int[][] indices(Value value) {
        if (!split.splits(value.dim())) {
            return null;
        }
        int[][] indices = new int[graph.ranks()][];
        for (int other = 0; other < indices.length; other++) {
            indices[other] = split.local(value.dim(), other);
        }
        return indices;
    }
}
