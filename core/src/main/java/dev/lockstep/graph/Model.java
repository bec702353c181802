package dev.lockstep.graph;

import dev.lockstep.checkpoint.TensorNames;
import java.util.OptionalInt;

/**
 * The result of an architecture for one checkpoint.
 *
 * @param task what the outputs mean
 * @param graph the data flow
 * @param names how the checkpoint may spell the weights
 * @param maxPositions the most tokens of one sequence, if positions are bounded
 * @param vocabulary rows of the token table
 */
public record Model(Task task, Graph graph, TensorNames names, OptionalInt maxPositions, int vocabulary) {

    /** The task of a model, from the {@code architectures} key of published configs. */
    public enum Task {
        CAUSAL_LM,
        SEQ2SEQ_LM,
        MASKED_LM,
        TOKEN_CLASSIFICATION,
        SEQUENCE_CLASSIFICATION,
        QUESTION_ANSWERING,
        ENCODER;

        /** Whether the model can generate text. */
        public boolean generates() {
            return this == CAUSAL_LM || this == SEQ2SEQ_LM;
        }
    }

    /**
     * Whether some rotary table changes with the length of the sequence. Cached keys then keep the angles of earlier
     * lengths.
     */
    public boolean dependsOnLength() {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Rotary rotary && rotary.table().dependsOnLength()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether sequences with a common prefix can share its cache. This requires a cache of one key per token that
     * depends only on the tokens up to it. It is false if rotary angles depend on a sequence's length or if a node
     * keeps the last row.
     */
    public boolean sharesPrefixes() {
        if (task != Task.CAUSAL_LM || dependsOnLength()) {
            return false;
        }
        return graph.nodes().stream()
                .flatMap(node -> CacheSpec.of(node).stream())
                .allMatch(spec -> spec.kind() == CacheSpec.Kind.PAGED);
    }

    /** The token that hides all earlier tokens from the rows after it, if some attention has one. */
    public OptionalInt resetToken() {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Attention attention
                    && attention.resetToken().isPresent()) {
                return attention.resetToken();
            }
        }
        return OptionalInt.empty();
    }
}
