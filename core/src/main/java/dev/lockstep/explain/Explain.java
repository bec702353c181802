package dev.lockstep.explain;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.backend.Precision;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.engine.Devices;
import dev.lockstep.engine.MemoryPlanner;
import dev.lockstep.graph.Model;
import dev.lockstep.partition.Machine;
import dev.lockstep.partition.Objective;
import dev.lockstep.partition.Partition;
import dev.lockstep.partition.Partitioner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Explains the split of a checkpoint from its configuration only.
 *
 * @param tp numbers of ranks, one report for each
 * @param split {@code cost} or {@code max}
 * @param dtype {@code fp32}, {@code bf16}, {@code int8}, or {@code fp16} to plan for a device
 * @param memory the memory of a rank for the batch calculation, or null for none
 * @param rows lengths of rows in the batch calculation
 * @param graph whether the graph is printed too
 */
public record Explain(List<Integer> tp, String split, String dtype, Memory memory, List<Rows> rows, boolean graph) {

    /** Driver and native libraries take at most about one part in this many of a device's memory. */
    private static final int DEVICE_RESERVE = 32;

    /**
     * The memory of a rank.
     *
     * @param budget bytes
     * @param reserve bytes of them left alone; null for what the engine leaves, or a part of a planned device's
     * @param maxBatchTokens tokens of the largest step; 0 for the engine's default
     */
    public record Memory(long budget, Long reserve, int maxBatchTokens) {}

    /** Rows with this many prompt tokens and new tokens. */
    public record Rows(int promptLength, int newTokens) {
        public Rows {
            if (promptLength < 1 || newTokens < 1) {
                throw new IllegalArgumentException("rows of " + promptLength + " prompt tokens and " + newTokens
                        + " new ones, expected at least 1 of each");
            }
        }
    }

    /** The report of the checkpoint in a folder. */
    public String of(Path folder) {
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            Model model = Architectures.build(checkpoint);
            Precision precision = Precision.named(dtype);
            String name = folder.toAbsolutePath().normalize().getFileName().toString();
            StringBuilder report = new StringBuilder();
            DegreeTable degrees = new DegreeTable(name + " in " + dtype, rows);
            Machine machine = Devices.named(Devices.AUTO).machine(precision);
            for (int ranks : tp) {
                Partition partition = new Partitioner(machine).partition(model.graph(), ranks, Objective.named(split));
                String title = name + " on " + ranks + (ranks == 1 ? " rank" : " ranks") + ", --split " + split;
                report.append(Explanation.of(title, model, partition, precision));
                if (memory != null && model.task().generates()) {
                    batches(model, partition, precision, report, degrees);
                }
            }
            if (tp.size() > 1) {
                report.append(degrees);
            }
            report.append(CheckpointNotes.of(checkpoint, model));
            if (graph) {
                report.append("graph\n").append(model.graph().print());
            }
            return report.toString();
        }
    }

    private void batches(
            Model model, Partition partition, Precision precision, StringBuilder report, DegreeTable degrees) {
        int tokens = memory.maxBatchTokens() > 0 ? memory.maxBatchTokens() : MemoryPlanner.defaultTokens();
        BatchReport batches = new BatchReport(model, partition, precision, memory.budget(), reserve(precision), tokens);
        WeightReport weights = new WeightReport(model.graph(), partition.split(), precision.bytes());
        List<Long> atOnce = new ArrayList<>();
        for (Rows row : rows) {
            MemoryPlanner.Batch largest = batches.largest(row);
            report.append(batches.of(row, largest));
            atOnce.add(largest.rows());
        }
        degrees.add(partition.ranks(), weights, atOnce);
    }

    private long reserve(Precision precision) {
        if (memory.reserve() != null) {
            return memory.reserve();
        }
        return precision == Precision.FP16 ? memory.budget() / DEVICE_RESERVE : MemoryPlanner.engineReserve();
    }
}
