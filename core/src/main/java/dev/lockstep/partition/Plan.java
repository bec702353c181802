package dev.lockstep.partition;

import dev.lockstep.graph.Node;
import dev.lockstep.graph.Value;
import java.util.BitSet;
import java.util.List;

/**
 * The order of a rank's work, the same on all ranks.
 *
 * @param steps computations and collectives, entry points one after the other
 * @param partial by node id: outputs that are a replicated part plus a sum over ranks (the lazy pair)
 * @param reduced by node id: partial outputs that some use needs complete, and that are all-reduced
 */
public record Plan(List<Step> steps, BitSet partial, BitSet reduced) {

    /** A computation or an exchange. */
    public sealed interface Step {}

    /** A node of the graph, on this rank's slices. */
    public record Compute(Node node) implements Step {}

    /** One round between the ranks for values that are ready together. */
    public record Exchange(Kind kind, List<Node> nodes) implements Step {

        /** What is exchanged. */
        public enum Kind {
            /** Partial outputs of the nodes are summed. */
            ALL_REDUCE,
            /** Count, mean and M2 of the inputs of norms over a split axis. */
            STATISTICS,
            /** Split outputs of the model are put together. */
            GATHER
        }
    }

    public List<Exchange> exchanges() {
        return steps.stream()
                .filter(Exchange.class::isInstance)
                .map(Exchange.class::cast)
                .toList();
    }

    /** Whether a value, as its uses see it, still lacks the sum over ranks. */
    public boolean isOpen(Value value) {
        int id = value.producer().id();
        return partial.get(id) && !reduced.get(id);
    }
}
