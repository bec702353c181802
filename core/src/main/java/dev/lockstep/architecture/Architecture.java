package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import java.util.Set;

/** One lineage of models. Stateless. */
interface Architecture {

    /**
     * Describes the model of a configuration.
     *
     * @param stored which tensors the files hold
     * @throws dev.lockstep.checkpoint.CheckpointException for a key that is missing, contradictory or cannot be
     *     honoured, before any weight is read
     * @throws dev.lockstep.graph.GraphException for shapes that do not fit together
     */
    Model build(Config config, StoredTensors stored, GraphBuilder graph);

    /** Keys of the family's configs that change nothing at inference, beside those of {@link InertKeys#SHARED}. */
    Set<String> inertKeys();
}
