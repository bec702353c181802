package dev.lockstep.backend.reference;

import dev.lockstep.backend.CollectiveCount;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.lowering.LoweredEntry;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.backend.lowering.NamedStep;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.partition.Collective;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A lowered program that is interpreted. */
final class ReferenceProgram implements Program {
    private final LoweredProgram program;
    private final Limits limits;
    private final Caches caches;
    private final Interpreter interpreter;
    private final Outputs outputs;
    private final StepAxes axes;
    private final Map<EntryPoint, Long> steps = new EnumMap<>(EntryPoint.class);

    ReferenceProgram(LoweredProgram program, Weights weights, Limits limits, Mesh mesh) {
        this.program = program;
        this.limits = limits;
        this.caches = new Caches(program.caches(), limits.blockSize());
        this.interpreter = new Interpreter(weights, caches, mesh);
        this.axes = new StepAxes(program, limits);
        this.outputs = new Outputs(mesh, axes);
    }

    @Override
    public StepOutput run(StepInput input) {
        limits.check(input);
        LoweredEntry entry = entry(input);
        if (input.repeated) {
            return outputs.of(entry, input, null);
        }
        for (int i = 0; i < input.copyCount; i++) {
            caches.copyBlock(input.copyFrom[i], input.copyTo[i]);
        }
        axes.begin(input);
        StepValues values = new StepValues(axes);
        interpreter.begin(values);
        for (NamedStep step : entry.steps()) {
            step.step().accept(interpreter);
        }
        steps.merge(entry.entry(), 1L, Long::sum);
        return outputs.of(entry, input, values);
    }

    private LoweredEntry entry(StepInput input) {
        return program.entries().stream()
                .filter(entry -> entry.entry() == input.entry)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no entry point " + input.entry));
    }

    /** Does nothing, on any rank: the program takes no memory outside the heap. */
    @Override
    public void probe(StepInput input) {}

    @Override
    public void resizeCaches(int blocks) {
        caches.clear();
    }

    @Override
    public MemoryLedger memory() {
        return new MemoryLedger(0, 0, 0, 0);
    }

    @Override
    public List<CollectiveCount> collectives() {
        List<CollectiveCount> counts = new ArrayList<>();
        for (Collective collective : program.collectives()) {
            EntryPoint entry = collective.node().output().rows().entry();
            counts.add(
                    new CollectiveCount(collective, interpreter.exchanges(collective), steps.getOrDefault(entry, 0L)));
        }
        return counts;
    }

    @Override
    public void close() {
        caches.clear();
    }
}
