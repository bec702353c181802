package dev.lockstep.engine;

import dev.lockstep.collective.Mesh;

/** Opens engines. The entrance of the core for whoever drives it: the command line, Spark. */
public final class Engines {
    private Engines() {}

    /**
     * Loads one rank of a group; every rank of the group calls this with the same options, at the same time.
     *
     * @param mesh this rank's end of the group; the rank owns it from now on
     */
    public static Rank open(EngineOptions options, Mesh mesh) {
        throw new IllegalStateException("the engine is not assembled yet: " + options.model() + " on " + mesh.size());
    }

    /**
     * Checks what can be known without reading weights: the folder, its configuration, the family, weight files,
     * tokenizer, and that the split is legal. Cheap: called on the driver before any job.
     *
     * @throws dev.lockstep.checkpoint.CheckpointException or IllegalArgumentException with the reason and the choices
     */
    public static void check(EngineOptions options) {
        throw new IllegalStateException("the engine is not assembled yet: " + options.model());
    }
}
