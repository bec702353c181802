package dev.lockstep.engine;

import dev.lockstep.backend.StepOutput;
import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.collective.Mesh;
import dev.lockstep.generate.CheckpointText;
import dev.lockstep.partition.Partition;
import java.nio.file.Path;

/** Opens engines. The entrance of the core for whoever drives it: the command line, Spark. */
public final class Engines {
    private Engines() {}

    /**
     * Loads one rank of a group; every rank of the group calls this with the same options, at the same time.
     *
     * @param mesh this rank's end of the group; the rank owns it from now on
     */
    public static Rank open(EngineOptions options, Mesh mesh) {
        RankSession session = RankSession.open(options, mesh, false);
        return LoadedRank.of(session);
    }

    /**
     * Checks all that does not require reading weights: the folder, its configuration, the family, weight files, that
     * the model generates, that the split is legal, and that every rank fits a memory budget where one is given. Cheap:
     * called on the driver before any job.
     *
     * @throws dev.lockstep.checkpoint.CheckpointException or IllegalArgumentException with the reason and the choices
     */
    public static void check(EngineOptions options) {
        try (ModelFiles files = ModelFiles.open(options.model())) {
            files.requireWeights();
            if (!files.model().task().generates()) {
                throw new CheckpointException(options.model() + " is a model for "
                        + files.model().task().name().toLowerCase(java.util.Locale.ROOT)
                        + ", which generates no text: expected a causal or an encoder-decoder language model");
            }
            Partition partition = files.partition(options);
            if (options.memoryBudget() > 0) {
                MemoryPlanner.require(files.model(), partition, options);
            }
        }
    }

    /**
     * Checks a model for embeddings without reading weights: as {@link #check} does, and that it is an encoder with
     * hidden states. Cheap.
     *
     * @throws dev.lockstep.checkpoint.CheckpointException or IllegalArgumentException with the reason and the choices
     */
    public static void checkEmbeds(EngineOptions options) {
        try (ModelFiles files = ModelFiles.open(options.model())) {
            files.requireWeights();
            boolean hidden = files.model().graph().outputs().containsKey(StepOutput.HIDDEN);
            if (files.model().task().generates() || !hidden) {
                throw new CheckpointException(options.model() + " is a model for "
                        + files.model().task().name().toLowerCase(java.util.Locale.ROOT)
                        + ", which yields no hidden states to embed by: expected an encoder, e.g. a BertModel");
            }
            files.partition(options);
        }
    }

    /**
     * Checks that a checkpoint supports chats: that it has a chat template and a tokenizer. Cheap.
     *
     * @throws IllegalArgumentException with the reason
     */
    public static void checkChat(EngineOptions options) {
        try (ModelFiles files = ModelFiles.open(options.model())) {
            CheckpointText.requireChat(Path.of(files.checkpoint().location()));
        }
    }
}
