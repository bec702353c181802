package dev.lockstep.engine;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.backend.Precision;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.graph.Model;
import dev.lockstep.partition.Machine;
import dev.lockstep.partition.Objective;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.Partitioner;
import java.nio.file.Path;

/** A checkpoint opened and its model built: the part of opening that reads no weights. */
record ModelFiles(Checkpoint checkpoint, Model model) implements AutoCloseable {

    static ModelFiles open(String location) {
        Checkpoint checkpoint = Checkpoints.open(Path.of(location));
        try {
            return new ModelFiles(checkpoint, Architectures.build(checkpoint));
        } catch (RuntimeException | Error failed) {
            checkpoint.close();
            throw failed;
        }
    }

    /** @throws CheckpointException when only the configuration is there */
    void requireWeights() {
        if (!checkpoint.hasWeights()) {
            throw new CheckpointException(checkpoint.location() + " has a config.json but no weights: expected"
                    + " model.safetensors, model.safetensors.index.json, pytorch_model.bin or"
                    + " pytorch_model.bin.index.json");
        }
    }

    /** The split over an engine's ranks. */
    Partition partition(EngineOptions options) {
        Machine machine = Devices.named(options.device()).machine(Precision.named(options.dtype()));
        return new Partitioner(machine).partition(model.graph(), options.tp(), Objective.named(options.split()));
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
