package dev.lockstep.explain;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.backend.Precision;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.graph.Model;
import dev.lockstep.partition.Machine;
import dev.lockstep.partition.Objective;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.Partitioner;
import java.nio.file.Path;

/**
 * Explains the split of a checkpoint from its configuration alone.
 *
 * @param tp ranks
 * @param split {@code cost} or {@code max}
 * @param dtype {@code fp32} or {@code bf16}
 * @param budget bytes of one rank for the batch arithmetic, or null for none
 * @param promptLength prompt tokens of a row in the batch arithmetic
 * @param newTokens generated tokens of a row in the batch arithmetic
 * @param graph whether the graph is printed too
 */
public record Explain(int tp, String split, String dtype, Long budget, int promptLength, int newTokens, boolean graph) {

    /** The report of the checkpoint in a folder. */
    public String of(Path folder) {
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            Model model = Architectures.build(checkpoint);
            Precision precision = Precision.named(dtype);
            Partition partition = new Partitioner(Machine.CPU).partition(model.graph(), tp, Objective.named(split));
            String title = folder.toAbsolutePath().normalize().getFileName() + " on " + tp
                    + (tp == 1 ? " rank" : " ranks") + ", --split " + split;
            String report = Explanation.of(title, model, partition, precision);
            if (budget != null && model.task().generates()) {
                report += BatchReport.of(model, partition, precision, budget, promptLength, newTokens);
            }
            report += CheckpointNotes.of(checkpoint, model);
            return graph ? report + "graph\n" + model.graph().print() : report;
        }
    }
}
