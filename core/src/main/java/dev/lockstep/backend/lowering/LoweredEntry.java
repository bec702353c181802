package dev.lockstep.backend.lowering;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.RowAxis;
import java.util.List;

/**
 * One entry point of a program.
 *
 * @param entry the entry point
 * @param axes the row axes that its steps carry, in the order of {@link dev.lockstep.backend.StepInput}
 * @param steps in execution order, the same on all ranks
 * @param buffers all buffers of the steps
 * @param outputs what is read after the last step
 */
public record LoweredEntry(
        EntryPoint entry, List<RowAxis> axes, List<NamedStep> steps, List<Buffer> buffers, List<ModelOutput> outputs) {
    public LoweredEntry {
        axes = List.copyOf(axes);
        steps = List.copyOf(steps);
        buffers = List.copyOf(buffers);
        outputs = List.copyOf(outputs);
    }
}
