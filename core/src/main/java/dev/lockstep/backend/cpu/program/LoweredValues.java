package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.AxisUse;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Value;
import dev.lockstep.partition.RankGraph;
import dev.lockstep.partition.Split;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;

/** What lowering knows so far of one entry point on one rank: where every value is, and the code written. */
final class LoweredValues {
    private final RankGraph graph;
    private final Resources resources;
    private final Emission code = new Emission();
    private final Map<Integer, Slot> slots = new HashMap<>();

    LoweredValues(RankGraph graph, Resources resources) {
        this.graph = graph;
        this.resources = resources;
    }

    RankGraph graph() {
        return graph;
    }

    Split split() {
        return graph.split();
    }

    int rank() {
        return graph.rank();
    }

    Resources resources() {
        return resources;
    }

    Emission code() {
        return code;
    }

    Slot slot(Value value) {
        return slots.get(value.producer().id());
    }

    /** The slot of a node, or null while it has none. */
    Slot slot(Node node) {
        return slots.get(node.id());
    }

    void put(Node node, Slot slot) {
        slots.put(node.id(), slot);
    }

    void putWhole(Node node, Operand operand) {
        put(node, Slot.whole(operand));
    }

    /** Exchanged statistics have a slot of their own beside the node's. */
    Operand statistics(Node norm) {
        return slots.get(-1 - norm.id()).whole();
    }

    void putStatistics(Node norm, Operand gathered) {
        slots.put(-1 - norm.id(), Slot.whole(gathered));
    }

    /** Slots of nodes, by id. */
    Map<Integer, Slot> slots() {
        return Collections.unmodifiableMap(slots);
    }

    /** The indices of a dimension that this rank holds. */
    int[] local(Dim dim) {
        return split().local(dim, rank());
    }

    /** A new operand for this rank's part of a value. */
    Operand fresh(Value value) {
        return code.fresh(value.rows(), local(value.dim()).length);
    }

    /** An input that must be whole: split or replicated, with no sum outstanding. */
    Operand whole(Value value) {
        Slot slot = slot(value);
        if (slot == null || slot.sum() != null) {
            throw new IllegalStateException("%" + value.producer().id() + " is used before its sum is complete");
        }
        return slot.whole();
    }

    /** True when the node itself makes a sum over ranks. */
    boolean isSum(Node node) {
        for (AxisUse use : node.signature()) {
            boolean sums = use.kind() == AxisUse.Kind.SUMMED || use.kind() == AxisUse.Kind.MASKED_LOOKUP;
            if (sums && split().splits(use.dim())) {
                return true;
            }
        }
        return false;
    }

    /** Stores the output of a node that makes a sum over ranks or does not. */
    void putResult(Node node, Operand out) {
        put(node, isSum(node) ? Slot.sum(out) : Slot.whole(out));
    }
}
