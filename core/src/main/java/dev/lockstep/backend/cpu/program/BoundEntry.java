package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.lowering.LoweredEntry;
import dev.lockstep.backend.lowering.ModelOutput;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One entry point as instructions, with the operands they use.
 *
 * @param names names of the instructions, for profiles
 */
record BoundEntry(
        TiledEntry tiled,
        List<Instruction> instructions,
        List<String> names,
        Collection<Operand> operands,
        List<OutputValue> outputs) {

    static BoundEntry of(LoweredEntry entry, TiledEntry tiled, LoadedResources resources, TileSize size) {
        Binder binder = new Binder(resources);
        List<Instruction> instructions = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (List<CpuStep> run : tiled.runs()) {
            instructions.add(run.size() == 1 ? binder.bind(run.get(0)) : tiles(run, binder, size));
            names.add(run.stream().map(CpuStep::name).distinct().collect(Collectors.joining(", ")));
        }
        List<OutputValue> outputs = new ArrayList<>();
        for (ModelOutput output : entry.outputs()) {
            outputs.add(new OutputValue(
                    output.name(), output.rows(), output.width(), binder.operand(output.view()), output.indices()));
        }
        return new BoundEntry(tiled, instructions, names, binder.operands(), outputs);
    }

    private static Instruction tiles(List<CpuStep> run, Binder binder, TileSize size) {
        List<RowByRow> parts = new ArrayList<>();
        Set<Operand> operands = new LinkedHashSet<>();
        for (CpuStep step : run) {
            parts.add((RowByRow) binder.bind(step));
            step.touched().forEach(view -> operands.add(binder.operand(view)));
        }
        return new Tiles(run.get(0).rowByRow(), parts, List.copyOf(operands), size);
    }
}
