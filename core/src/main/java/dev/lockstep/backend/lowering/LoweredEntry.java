package dev.lockstep.backend.lowering;

import dev.lockstep.graph.EntryPoint;
import java.util.List;

/**
 * One entry point of a program.
 *
 * @param entry which it is
 * @param steps in their order, the same on all ranks
 * @param buffers all that steps use
 * @param outputs what is read after the last step
 */
public record LoweredEntry(EntryPoint entry, List<NamedStep> steps, List<Buffer> buffers, List<ModelOutput> outputs) {
    public LoweredEntry {
        steps = List.copyOf(steps);
        buffers = List.copyOf(buffers);
        outputs = List.copyOf(outputs);
    }
}
