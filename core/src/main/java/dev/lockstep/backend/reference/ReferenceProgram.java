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
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.partition.Collective;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A lowered program that is interpreted. */
final class ReferenceProgram implements Program {
    private final LoweredProgram program;
    private final Limits limits;
    private final Caches caches;
    private final Interpreter interpreter;
    private final Outputs outputs;
    /** Steps run, by the axis of their entry point. */
    private final Map<String, Long> steps = new HashMap<>();

    ReferenceProgram(LoweredProgram program, Weights weights, Limits limits, Mesh mesh) {
        this.program = program;
        this.limits = limits;
        this.caches = new Caches(program.caches(), limits.blockSize());
        this.interpreter = new Interpreter(weights, caches, mesh);
        this.outputs = new Outputs(mesh);
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
        StepValues values = new StepValues(input);
        interpreter.begin(values);
        for (NamedStep step : entry.steps()) {
            step.step().accept(interpreter);
        }
        steps.merge(entry.axis(), 1L, Long::sum);
        return outputs.of(entry, input, values);
    }

    private LoweredEntry entry(StepInput input) {
        RowAxis axis = input.entry == StepInput.Entry.ENCODE ? RowAxis.SOURCE : RowAxis.TARGET;
        return program.entries().stream()
                .filter(entry -> entry.axis().equals(axis.name()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no entry point " + input.entry));
    }

    /** Nothing outside the heap is taken: there is nothing to find out, on any rank. */
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
            String axis = collective.node().output().rows().name();
            counts.add(
                    new CollectiveCount(collective, interpreter.exchanges(collective), steps.getOrDefault(axis, 0L)));
        }
        return counts;
    }

    @Override
    public void close() {
        caches.clear();
    }
}
