package dev.lockstep.backend.lowering;

import java.util.List;

/**
 * One entry point of a program.
 *
 * @param axis the name of the row axis that it runs
 * @param steps in their order, the same on all ranks
 * @param buffers all that steps use
 * @param outputs what is read after the last step
 */
public record LoweredEntry(String axis, List<NamedStep> steps, List<Buffer> buffers, List<ModelOutput> outputs) {
    public LoweredEntry {
        steps = List.copyOf(steps);
        buffers = List.copyOf(buffers);
        outputs = List.copyOf(outputs);
    }
}
