package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MeetingCount;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.partition.RankGraph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A compiled rank on CPU cores: instructions per entry point over one arena. */
final class CpuProgram implements Program {
    private final Limits limits;
    private final LoadedResources resources;
    private final Workers workers;
    private final Arena arena;
    private final StepState state;
    private final Map<String, Lowered> entries = new LinkedHashMap<>();
    private final Map<String, Long> steps = new LinkedHashMap<>();
    private final OutputCollector collector;
    private final String encodeAxis;
    private final String decodeAxis;

    CpuProgram(
            RankGraph graph,
            List<String> axes,
            List<Lowered> lowered,
            Limits limits,
            LoadedResources resources,
            Workers workers,
            Mesh mesh) {
        this.limits = limits;
        this.resources = resources;
        this.workers = workers;
        this.arena = Arena.of(lowered, limits);
        this.state = new StepState(workers, mesh, limits.maxTokens());
        for (int i = 0; i < axes.size(); i++) {
            entries.put(axes.get(i), lowered.get(i));
            steps.put(axes.get(i), 0L);
        }
        this.collector = new OutputCollector(mesh, workers, graph.model().task().generates());
        this.encodeAxis = RowAxis.SOURCE.name();
        this.decodeAxis = RowAxis.TARGET.name();
    }

    @Override
    public StepOutput run(StepInput input) {
        checkLimits(input);
        String axis = input.entry == StepInput.Entry.ENCODE ? encodeAxis : decodeAxis;
        Lowered entry = entries.get(axis);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "the model has no entry point " + input.entry + ", it has rows " + entries.keySet());
        }
        state.begin(input);
        if (!input.repeated) {
            runAll(entry, input);
            steps.merge(axis, 1L, Long::sum);
        }
        return collector.collect(entry.outputs(), state);
    }

    private void runAll(Lowered entry, StepInput input) {
        for (int i = 0; i < input.copyCount; i++) {
            resources.copyBlock(input.copyFrom[i], input.copyTo[i]);
        }
        for (Instruction instruction : entry.instructions()) {
            instruction.run(state);
        }
    }

    private void checkLimits(StepInput input) {
        if (input.tokens > limits.maxTokens()
                || input.sequences > limits.maxSequences()
                || input.outputRows > limits.maxOutputRows()) {
            throw new IllegalArgumentException("a step of " + input.tokens + " tokens, " + input.sequences
                    + " sequences and " + input.outputRows + " output rows exceeds the program's " + limits);
        }
    }

    @Override
    public MemoryLedger memory() {
        return new MemoryLedger(resources.weightBytes(), arena.bytes(), resources.cacheBytes());
    }

    @Override
    public List<MeetingCount> meetings() {
        List<MeetingCount> counts = new ArrayList<>();
        for (MeetingCounter counter : resources.meetings()) {
            String axis = counter.meeting().node().output().rows().name();
            counts.add(new MeetingCount(counter.meeting(), counter.exchanges(), steps.get(axis)));
        }
        return counts;
    }

    @Override
    public void close() {
        try (resources;
                workers) {
            arena.close();
        }
    }
}
