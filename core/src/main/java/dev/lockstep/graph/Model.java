package dev.lockstep.graph;

import dev.lockstep.checkpoint.TensorNames;
import java.util.OptionalInt;

/**
 * What an architecture yields for one checkpoint.
 *
 * @param task what the outputs mean
 * @param graph the data flow
 * @param names how the checkpoint may spell the weights
 * @param maxPositions tokens of one sequence at most, where positions are bounded
 * @param vocabulary rows of the token table
 */
public record Model(Task task, Graph graph, TensorNames names, OptionalInt maxPositions, int vocabulary) {

    /** What a model is for; named by the {@code architectures} key of published configs. */
    public enum Task {
        CAUSAL_LM,
        SEQ2SEQ_LM,
        MASKED_LM,
        TOKEN_CLASSIFICATION,
        SEQUENCE_CLASSIFICATION,
        QUESTION_ANSWERING,
        ENCODER;

        /** Whether text can be generated. */
        public boolean generates() {
            return this == CAUSAL_LM || this == SEQ2SEQ_LM;
        }
    }

    /** True when some rotary table changes with the length of the sequence: caches then hold what earlier lengths made. */
    public boolean dependsOnLength() {
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Rotary rotary && rotary.table().dependsOnLength()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether texts that begin alike can share the cache of their beginning: it holds a key for each token, made from the
     * tokens up to it alone. Not where angles depend on a sequence's length, nor where its last row is kept.
     */
    public boolean sharesPrefixes() {
        if (task != Task.CAUSAL_LM || dependsOnLength()) {
            return false;
        }
        return graph.nodes().stream()
                .flatMap(node -> CacheSpec.of(node).stream())
                .allMatch(spec -> spec.kind() == CacheSpec.Kind.PAGED);
    }

    /** The token that hides all before it from the rows after it, where some attention has one. */
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
