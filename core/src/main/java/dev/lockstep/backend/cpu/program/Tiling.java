package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.Lifetimes;
import dev.lockstep.backend.lowering.LoweredEntry;
import dev.lockstep.backend.lowering.LoweredProgram;
import dev.lockstep.backend.lowering.ModelOutput;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Divides an entry point into runs of steps that work row by row, and computes the lifetimes of buffers. */
final class Tiling {
    /**
     * The most weight elements of a run: every tile reads them all, so they must stay in the cache that cores share.
     */
    private static final long MOST_WEIGHTS = 1 << 23;

    private final TileSize size;
    private final List<List<CpuStep>> runs;
    private final Lifetimes lifetimes = new Lifetimes();
    private final List<Buffer> scratches = new ArrayList<>();
    private final Map<Buffer, TileScratch> scratchOf = new IdentityHashMap<>();

    private Tiling(List<CpuStep> steps, TileSize size) {
        this.size = size;
        this.runs = runs(steps);
    }

    /** The entry points of a program. */
    static List<TiledEntry> of(LoweredProgram program, TileSize size) {
        return program.entries().stream().map(entry -> of(entry, program, size)).toList();
    }

    private static TiledEntry of(LoweredEntry entry, LoweredProgram program, TileSize size) {
        List<CpuStep> steps = entry.steps().stream()
                .map(step -> CpuStep.of(step, experts -> inner(experts.maps().gate(), program)))
                .toList();
        List<Buffer> buffers = new ArrayList<>(entry.buffers());
        for (CpuStep step : steps) {
            if (step.scratch() != null) {
                step.scratch().views().forEach(view -> buffers.add(view.buffer()));
            }
        }
        Set<Buffer> kept = entry.outputs().stream()
                .map(ModelOutput::view)
                .map(View::buffer)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return new Tiling(steps, size).entry(buffers, kept);
    }

    private static int inner(Weight gate, LoweredProgram program) {
        return program.graph().split().local(gate.dims().get(1), program.graph().rank()).length;
    }

    /** @param kept what is read after the last run */
    private TiledEntry entry(List<Buffer> buffers, Set<Buffer> kept) {
        Set<Buffer> shared = shared();
        shared.addAll(kept);
        for (int number = 0; number < runs.size(); number++) {
            note(number, shared);
        }
        kept.forEach(buffer -> lifetimes.touch(buffer, runs.size()));
        List<Buffer> placed = new ArrayList<>(buffers);
        placed.removeIf(scratchOf::containsKey);
        placed.addAll(scratches);
        return new TiledEntry(runs, placed, lifetimes, scratchOf);
    }

    /**
     * Divides steps into runs of one step or more. A run without a linear map has one step only: a longer one would
     * gain little, and its inputs and outputs would need memory at the same time.
     */
    private static List<List<CpuStep>> runs(List<CpuStep> steps) {
        List<List<CpuStep>> runs = new ArrayList<>();
        int end;
        for (int start = 0; start < steps.size(); start = end) {
            end = end(steps, start);
            if (steps.subList(start, end).stream().allMatch(step -> step.weights() == 0)) {
                end = start + 1;
            }
            runs.add(steps.subList(start, end));
        }
        return runs;
    }

    /** The end of the longest run that starts at this step. */
    private static int end(List<CpuStep> steps, int start) {
        RowAxis rows = steps.get(start).rowByRow();
        long weights = steps.get(start).weights();
        int end = start + 1;
        while (rows != null && end < steps.size() && rows.equals(steps.get(end).rowByRow())) {
            weights += steps.get(end).weights();
            if (weights > MOST_WEIGHTS) {
                break;
            }
            end++;
        }
        return end;
    }

    /** Buffers that more than one run uses. */
    private Set<Buffer> shared() {
        Set<Buffer> seen = new LinkedHashSet<>();
        Set<Buffer> shared = new LinkedHashSet<>();
        for (List<CpuStep> run : runs) {
            for (Buffer buffer : touched(run)) {
                if (!seen.add(buffer)) {
                    shared.add(buffer);
                }
            }
        }
        return shared;
    }

    private static Set<Buffer> touched(List<CpuStep> run) {
        return run.stream()
                .flatMap(step -> step.touched().stream())
                .map(View::buffer)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Records the buffers of a run. Buffers that only a run of several steps uses are kept in tiles. */
    private void note(int number, Set<Buffer> shared) {
        List<CpuStep> run = runs.get(number);
        Set<Buffer> own = touched(run);
        if (run.size() == 1) {
            own.forEach(buffer -> lifetimes.touch(buffer, number));
            return;
        }
        own.stream().filter(shared::contains).forEach(buffer -> lifetimes.touch(buffer, number));
        own.removeAll(shared);
        if (own.isEmpty()) {
            return;
        }
        Lifetimes within = new Lifetimes();
        for (int i = 0; i < run.size(); i++) {
            for (View view : run.get(i).touched()) {
                if (own.contains(view.buffer())) {
                    within.touch(view.buffer(), i);
                }
            }
        }
        TileScratch scratch = new TileScratch(List.copyOf(own), within, size);
        lifetimes.touch(scratch.buffer(), number);
        scratches.add(scratch.buffer());
        own.forEach(buffer -> scratchOf.put(buffer, scratch));
    }
}
