package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes runs of instructions that work row by row one instruction each, and says from when to when buffers live. */
final class Tiling {
    /**
     * Elements of the weights of a run at most: every tile reads them all, so they must stay in the cache that cores
     * share.
     */
    private static final long MOST_WEIGHTS = 1 << 23;

    private final TileSize size;
    private final List<Instruction> instructions = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final List<TileScratch> scratches = new ArrayList<>();

    private Tiling(TileSize size) {
        this.size = size;
    }

    /**
     * The instructions of an entry point, complete.
     *
     * @param kept what is read after the last instruction
     */
    static Lowered of(
            List<Emitted> code,
            List<Buffer> buffers,
            List<Operand> operands,
            Set<Buffer> kept,
            List<OutputValue> outputs,
            TileSize size) {
        Tiling tiling = new Tiling(size);
        List<List<Emitted>> runs = runs(code);
        Set<Buffer> shared = tiling.shared(runs);
        shared.addAll(kept);
        for (List<Emitted> run : runs) {
            tiling.append(run, shared);
        }
        kept.forEach(buffer -> buffer.touch(runs.size()));
        List<Buffer> placed = new ArrayList<>(buffers);
        placed.removeIf(buffer -> buffer.scratch() != null);
        tiling.scratches.forEach(scratch -> placed.add(scratch.buffer()));
        return new Lowered(tiling.instructions, tiling.names, placed, operands, outputs);
    }

    /**
     * Runs of one instruction and longer. Without a linear map they are not longer: they would gain little, and what comes
     * in and goes out would need memory at the same time.
     */
    private static List<List<Emitted>> runs(List<Emitted> code) {
        List<List<Emitted>> runs = new ArrayList<>();
        int end;
        for (int start = 0; start < code.size(); start = end) {
            end = end(code, start);
            if (code.subList(start, end).stream().allMatch(emitted -> emitted.weights() == 0)) {
                end = start + 1;
            }
            runs.add(code.subList(start, end));
        }
        return runs;
    }

    /** The end of the longest run from an instruction on. */
    private static int end(List<Emitted> code, int start) {
        RowAxis rows = code.get(start).rowByRow();
        long weights = code.get(start).weights();
        int end = start + 1;
        while (rows != null && end < code.size() && rows.equals(code.get(end).rowByRow())) {
            weights += code.get(end).weights();
            if (weights > MOST_WEIGHTS) {
                break;
            }
            end++;
        }
        return end;
    }

    /** Buffers that more than one run touches. */
    private Set<Buffer> shared(List<List<Emitted>> runs) {
        Set<Buffer> seen = new LinkedHashSet<>();
        Set<Buffer> shared = new LinkedHashSet<>();
        for (List<Emitted> run : runs) {
            for (Buffer buffer : touched(run)) {
                if (!seen.add(buffer)) {
                    shared.add(buffer);
                }
            }
        }
        return shared;
    }

    private static Set<Buffer> touched(List<Emitted> run) {
        return run.stream()
                .flatMap(emitted -> emitted.touched().stream())
                .map(Operand::buffer)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private void append(List<Emitted> run, Set<Buffer> shared) {
        int number = instructions.size();
        Set<Buffer> own = touched(run);
        if (run.size() == 1) {
            own.forEach(buffer -> buffer.touch(number));
            instructions.add(run.get(0).instruction());
            names.add(run.get(0).name());
            return;
        }
        own.stream().filter(shared::contains).forEach(buffer -> buffer.touch(number));
        own.removeAll(shared);
        for (int i = 0; i < run.size(); i++) {
            for (Operand operand : run.get(i).touched()) {
                if (own.contains(operand.buffer())) {
                    operand.buffer().touch(i);
                }
            }
        }
        if (!own.isEmpty()) {
            TileScratch scratch = new TileScratch(List.copyOf(own), size);
            scratch.buffer().touch(number);
            scratches.add(scratch);
        }
        Set<Operand> operands = new LinkedHashSet<>();
        List<RowByRow> parts = new ArrayList<>();
        for (Emitted emitted : run) {
            operands.addAll(emitted.touched());
            parts.add((RowByRow) emitted.instruction());
        }
        instructions.add(new Tiles(run.get(0).rowByRow(), parts, List.copyOf(operands), size));
        names.add(run.stream().map(Emitted::name).distinct().collect(Collectors.joining(", ")));
    }
}
