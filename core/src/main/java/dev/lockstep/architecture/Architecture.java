package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;

/** One lineage of models. Stateless. */
public interface Architecture {

    /**
     * Describes the model of a configuration.
     *
     * @throws dev.lockstep.checkpoint.CheckpointException for a key that is missing, contradictory or cannot be
     *     honoured, before any weight is read
     * @throws dev.lockstep.graph.GraphException for shapes that do not fit together
     */
    Model build(Config config, GraphBuilder graph);
}
