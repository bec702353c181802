package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.GemmEngine;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.gemm.Rounding;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.ExpertMaps;
import dev.lockstep.graph.Weight;
import dev.lockstep.partition.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Loads and keeps the weights of mixtures, expert by expert. At most one panel at a time is in memory unpacked. */
final class ExpertLoader implements AutoCloseable {
    private final WeightSlices slices;
    private final GemmEngine engine;
    private final Precision precision;
    private final Workers workers;
    private final int maxRows;
    private final Map<ExpertMaps, ExpertMatrices> loaded = new HashMap<>();

    /** @param engine remains owned by the caller */
    ExpertLoader(WeightSlices slices, GemmEngine engine, Precision precision, Workers workers, int maxRows) {
        this.slices = slices;
        this.engine = engine;
        this.precision = precision;
        this.workers = workers;
        this.maxRows = maxRows;
    }

    ExpertMatrices load(ExpertMaps maps) {
        return loaded.computeIfAbsent(maps, this::pack);
    }

    private ExpertMatrices pack(ExpertMaps maps) {
        int[] held = slices.local(maps.gate(), 0);
        float[] gateBias = matrix(maps.gateBias());
        float[] upBias = matrix(maps.upBias());
        float[] downBias = matrix(maps.downBias());
        int inner = slices.local(maps.gate(), 1).length;
        int hidden = slices.local(maps.gate(), 2).length;
        int outputs = slices.local(maps.down(), 1).length;
        List<ExpertMatrices.Expert> experts = new ArrayList<>();
        for (int i = 0; i < held.length; i++) {
            PanelSource gateUp = PanelSource.stacked(
                    List.of(slices.plane(maps.gate(), held[i]), slices.plane(maps.up(), held[i])),
                    new int[] {inner, 2 * inner});
            float[] innerBias = gateBias == null ? null : joined(gateBias, upBias, i, inner);
            float[] outerBias = downBias == null ? null : part(downBias, i, outputs);
            experts.add(new ExpertMatrices.Expert(
                    pack(2 * inner, hidden, gateUp, innerBias), packDown(maps.down(), held[i], outerBias)));
        }
        return new ExpertMatrices(held, experts);
    }

    /** The rank's part of a bias; null for null. */
    private float[] matrix(Weight bias) {
        return bias == null ? null : slices.matrix(bias);
    }

    /** Outputs that all ranks hold are computed as separate products, as in {@link LinearWeights}. */
    private LinearWeights packDown(Weight down, int expert, float[] bias) {
        PanelSource rows = slices.plane(down, expert);
        int inner = slices.local(down, 2).length;
        List<PackedWeight> parts = new ArrayList<>();
        for (Split.Run run : slices.runs(down, 1)) {
            PanelSource part = (begin, end, target) -> rows.fill(run.from() + begin, run.from() + end, target);
            float[] biases = bias == null ? null : Arrays.copyOfRange(bias, run.from(), run.to());
            parts.add(pack(run.length(), inner, part, biases));
        }
        return new LinearWeights(parts, null, precision, Rounding.ONE_PART, bias != null);
    }

    private PackedWeight pack(int outputs, int inputs, PanelSource source, float[] bias) {
        return engine.pack(outputs, inputs, source, precision, bias, workers, maxRows);
    }

    private static float[] part(float[] all, int row, int width) {
        return Arrays.copyOfRange(all, row * width, (row + 1) * width);
    }

    private static float[] joined(float[] first, float[] second, int row, int width) {
        float[] both = Arrays.copyOfRange(first, row * width, (row + 2) * width);
        System.arraycopy(second, row * width, both, width, width);
        return both;
    }

    long bytes() {
        long sum = 0;
        for (ExpertMatrices matrices : loaded.values()) {
            sum += matrices.bytes();
        }
        return sum;
    }

    @Override
    public void close() {
        loaded.values().forEach(ExpertMatrices::close);
    }
}
