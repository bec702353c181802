package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.CollectiveCount;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.EntryPoint;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A compiled rank on CPU cores: the instructions of each entry point, over one arena. */
final class CpuProgram implements Program {

    /** An entry point, and how often it has run. */
    private static final class Entry {
        final BoundEntry bound;
        final List<Instruction> instructions;
        final List<OutputValue> outputs;
        long steps;

        Entry(BoundEntry bound) {
            this.bound = bound;
            this.instructions = bound.instructions();
            this.outputs = bound.outputs();
        }
    }

    private final Limits limits;
    private final LoadedResources resources;
    private final Workers workers;
    private final Arena arena;
    private final StepState state;
    private final Map<EntryPoint, Entry> entries = new EnumMap<>(EntryPoint.class);
    private final OutputCollector collector;
    /** Null if profiling is off. */
    private final StepProfile profile = StepProfile.ifWanted();

    private final MemoryAccount account;
    private final boolean alone;

    CpuProgram(
            LoweredProgram program,
            List<BoundEntry> bound,
            Limits limits,
            LoadedResources resources,
            Workers workers,
            Mesh mesh,
            MemoryAccount account,
            Memory memory) {
        this.account = account;
        this.alone = mesh.size() == 1;
        this.limits = limits;
        this.resources = resources;
        this.workers = workers;
        this.arena = Arena.of(bound, limits, workers.threads(), memory);
        this.state = new StepState(workers, mesh, new StepAxes(program, limits), limits.maxTokens());
        for (int i = 0; i < bound.size(); i++) {
            entries.put(program.entries().get(i).entry(), new Entry(bound.get(i)));
        }
        this.collector = new OutputCollector(
                mesh, workers, program.graph().model().task().generates());
    }

    @Override
    public StepOutput run(StepInput input) {
        limits.check(input);
        Entry entry = entry(input);
        state.begin(input);
        OutOfMemoryException failure = null;
        if (!input.repeated) {
            failure = runAll(entry, input);
            entry.steps++;
        }
        StepOutput output = collector.collect(entry.outputs, state);
        if (failure != null) {
            throw failure;
        }
        return output;
    }

    /**
     * Runs a step to its end. An instruction for which there is no memory is skipped, and those after it run on
     * whatever is in the arena, because the other ranks wait for this one in every collective.
     *
     * @return the failure of the first skipped instruction; null for none
     * @throws OutOfMemoryException at once, if no other rank waits
     */
    private OutOfMemoryException runAll(Entry entry, StepInput input) {
        for (int i = 0; i < input.copyCount; i++) {
            resources.copyBlock(input.copyFrom[i], input.copyTo[i]);
        }
        if (profile != null) {
            profile.begin();
        }
        OutOfMemoryException failure = null;
        for (int i = 0; i < entry.instructions.size(); i++) {
            try {
                entry.instructions.get(i).run(state);
            } catch (OutOfMemoryException failed) {
                if (alone) {
                    throw failed;
                }
                state.spoil();
                failure = failure == null ? failed : failure;
            }
            if (profile != null) {
                profile.ran(entry.bound.names().get(i), input.tokens);
            }
        }
        return failure;
    }

    @Override
    public void probe(StepInput input) {
        limits.check(input);
        Entry entry = entry(input);
        state.beginProbe(input);
        Set<Object> seen = new HashSet<>();
        for (Instruction instruction : entry.instructions) {
            instruction.probe(state, seen);
        }
        // All collectives have run, as in any step.
        entry.steps++;
        collector.collect(entry.outputs, state);
    }

    @Override
    public void resizeCaches(int blocks) {
        resources.resizeCaches(blocks);
    }

    private Entry entry(StepInput input) {
        Entry entry = entries.get(input.entry);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "the model has no entry point " + input.entry + ", it has " + entries.keySet());
        }
        return entry;
    }

    @Override
    public MemoryLedger memory() {
        long packed = resources.weightBytes() - resources.heapBytes();
        long work = account.held() - packed - arena.bytes() - resources.cacheBytes();
        return new MemoryLedger(resources.weightBytes(), arena.bytes(), work, resources.cacheBytes());
    }

    @Override
    public List<CollectiveCount> collectives() {
        List<CollectiveCount> counts = new ArrayList<>();
        for (CollectiveCounter counter : resources.collectives()) {
            EntryPoint entry = counter.collective().node().output().rows().entry();
            counts.add(new CollectiveCount(counter.collective(), counter.exchanges(), entries.get(entry).steps));
        }
        return counts;
    }

    @Override
    public void close() {
        if (profile != null) {
            profile.report();
        }
        try (resources;
                workers) {
            arena.close();
        }
    }
}
