package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.GemmEngine;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.gemm.Rounding;
import dev.lockstep.backend.cpu.kernel.Remainders;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.LinearMap;
import dev.lockstep.backend.lowering.WeightPrecisions;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Loads and keeps the matrices of linear maps; one that is used twice is loaded once. */
final class LinearLoader implements AutoCloseable {

    private final Memory memory;
    private final WeightSlices slices;
    private final Set<Weight> lookedUp;
    private final WeightPrecisions precisions;
    private final Workers workers;
    private final int maxRows;
    private final GemmEngine engine;
    /** A matrix with a different bias is packed again. */
    private final Map<LinearMap, LinearWeights> loaded = new HashMap<>();

    private final Map<Weight, LinearWeights> groups = new HashMap<>();
    private final Map<Weight, HeadMatrices> heads = new HashMap<>();
    /** Matrices whose inputs are rounded to 8 bits and whose outputs may be. */
    private final Set<Weight> coarse = new HashSet<>();

    /**
     * @param engine remains owned by the caller
     * @param lookedUp weights that are also embedding tables
     */
    LinearLoader(
            WeightSlices slices,
            GemmEngine engine,
            Set<Weight> lookedUp,
            WeightPrecisions precisions,
            Workers workers,
            int maxRows,
            Memory memory) {
        this.memory = memory;
        this.lookedUp = Set.copyOf(lookedUp);
        this.slices = slices;
        this.precisions = precisions;
        this.workers = workers;
        this.maxRows = maxRows;
        this.engine = engine;
    }

    LinearWeights load(LinearMap map) {
        LinearWeights known = loaded.get(map);
        if (known == null) {
            known = load(map.matrix(), map.bias());
            loaded.put(map, known);
        }
        return known;
    }

    private LinearWeights load(Weight matrix, Weight bias) {
        int[] rows = slices.local(matrix, 0);
        float[] biases = bias == null ? null : slices.vector(bias);
        List<PackedWeight> parts = new ArrayList<>();
        Remainders remainders = precisions.of(matrix) == Precision.BF16 && lookedUp.contains(matrix)
                ? new Remainders(rows.length, slices.local(matrix, 1).length, memory)
                : null;
        Rounding rounding = Rounding.ONE_PART;
        for (Split.Run run : slices.runs(matrix, 0)) {
            RoundingChoice choice = new RoundingChoice(slices, precisions);
            parts.add(pack(
                    choice,
                    matrix,
                    Arrays.copyOfRange(rows, run.from(), run.to()),
                    biases == null ? null : Arrays.copyOfRange(biases, run.from(), run.to()),
                    run.length() == rows.length ? remainders : null));
            rounding = choice.get() == Rounding.TWO_PARTS ? Rounding.TWO_PARTS : rounding;
        }
        note(matrix, rounding);
        boolean tied = remainders != null && parts.size() == 1;
        return new LinearWeights(
                parts,
                tied ? new TiedRows(parts.get(0), remainders) : null,
                precisions.of(matrix),
                rounding,
                bias != null);
    }

    private PackedWeight pack(RoundingChoice choice, Weight matrix, int[] rows, float[] bias, Remainders remainders) {
        int inputs = slices.local(matrix, 1).length;
        PanelSource source = choice.watching(matrix, slices.panels(matrix, rows, true));
        PanelSource watched = remainders == null ? source : remainders.watching(source);
        return engine.pack(rows.length, inputs, watched, precisions.of(matrix), choice, bias, workers, maxRows);
    }

    /**
     * Maps with the same input as one: the rows of their matrices one below the other, with the biases that some have.
     */
    LinearWeights load(List<LinearMap> group) {
        return groups.computeIfAbsent(group.get(0).matrix(), any -> pack(group));
    }

    private LinearWeights pack(List<LinearMap> group) {
        Weight first = group.get(0).matrix();
        List<PanelSource> sources = new ArrayList<>();
        int[] ends = new int[group.size()];
        int outputs = 0;
        boolean biased = false;
        RoundingChoice choice = new RoundingChoice(slices, precisions);
        for (int i = 0; i < ends.length; i++) {
            Weight matrix = group.get(i).matrix();
            int[] rows = slices.local(matrix, 0);
            sources.add(choice.watching(matrix, slices.panels(matrix, rows, true)));
            outputs += rows.length;
            ends[i] = outputs;
            biased |= group.get(i).bias() != null;
        }
        float[] bias = biased ? biases(group, ends) : null;
        int inputs = slices.local(first, 1).length;
        PanelSource all = PanelSource.stacked(sources, ends);
        PackedWeight packed = engine.pack(outputs, inputs, all, precisions.of(first), choice, bias, workers, maxRows);
        for (LinearMap map : group) {
            note(map.matrix(), choice.get());
        }
        return new LinearWeights(List.of(packed), null, precisions.of(first), choice.get(), biased);
    }

    private void note(Weight matrix, Rounding rounding) {
        Precision precision = precisions.of(matrix);
        if ((precision == Precision.INT8 || precision == Precision.BF16) && rounding == Rounding.ONE_PART) {
            coarse.add(matrix);
        }
    }

    /**
     * Whether a matrix's inputs are rounded to 8 bits and its outputs are small enough to be rounded too. False until
     * the matrix is loaded.
     */
    boolean isCoarse(Weight matrix) {
        return coarse.contains(matrix);
    }

    private float[] biases(List<LinearMap> group, int[] ends) {
        float[] all = new float[ends[ends.length - 1]];
        for (int i = 0; i < ends.length; i++) {
            if (group.get(i).bias() != null) {
                float[] own = slices.vector(group.get(i).bias());
                System.arraycopy(own, 0, all, ends[i] - own.length, own.length);
            }
        }
        return all;
    }

    HeadMatrices loadHeads(Weight matrices) {
        return heads.computeIfAbsent(matrices, this::packHeads);
    }

    private HeadMatrices packHeads(Weight matrices) {
        int outputs = slices.local(matrices, 1).length;
        int inputs = slices.local(matrices, 2).length;
        List<PackedWeight> packed = new ArrayList<>();
        for (int head : slices.local(matrices, 0)) {
            RoundingChoice choice = new RoundingChoice(slices, precisions);
            packed.add(engine.pack(
                    outputs,
                    inputs,
                    choice.watching(matrices, slices.plane(matrices, head)),
                    precisions.of(matrices),
                    choice,
                    null,
                    workers,
                    maxRows));
        }
        return new HeadMatrices(packed);
    }

    long bytes() {
        long sum = 0;
        for (HeadMatrices matrices : heads.values()) {
            sum += matrices.bytes();
        }
        for (LinearWeights weights : loaded.values()) {
            sum += weights.bytes();
        }
        for (LinearWeights weights : groups.values()) {
            sum += weights.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        loaded.values().forEach(LinearWeights::close);
        groups.values().forEach(LinearWeights::close);
        heads.values().forEach(HeadMatrices::close);
    }
}
