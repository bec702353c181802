package dev.lockstep.backend.reference;

import dev.lockstep.backend.Pooling;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.lowering.LoweredEntry;
import dev.lockstep.backend.lowering.ModelOutput;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.collective.Mesh;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Computes the outputs of a step: whole outputs, pooled ones or candidates. All three start from gathered whole
 * outputs.
 */
final class Outputs {
    private final Mesh mesh;
    private final Candidates candidates = new Candidates();
    /** Logits of the last step, after its rules. A repeated step takes more candidates from them. */
    private Candidates.Rows last;

    private final StepAxes axes;

    Outputs(Mesh mesh, StepAxes axes) {
        this.mesh = mesh;
        this.axes = axes;
    }

    /** @param values null if the step is repeated */
    StepOutput of(LoweredEntry entry, StepInput input, StepValues values) {
        if (input.pooling != Pooling.NONE) {
            ModelOutput output = named(entry, StepOutput.HIDDEN).orElseThrow();
            StepOutput.Rows hidden = gather(output, values);
            return StepOutput.whole(
                    0, Map.of(StepOutput.EMBEDDING, pooled(hidden, input, axes.offsets(output.rows()))));
        }
        if (input.fullOutputs) {
            Map<String, StepOutput.Rows> full = new LinkedHashMap<>();
            for (ModelOutput output : entry.outputs()) {
                full.put(output.name(), gather(output, values));
            }
            return StepOutput.whole(input.outputRows, full);
        }
        Optional<ModelOutput> logits = named(entry, StepOutput.LOGITS);
        if (logits.isEmpty() || input.outputRows == 0) {
            return StepOutput.whole(input.outputRows, Map.of());
        }
        if (!input.repeated) {
            last = candidates.edited(gather(logits.get(), values), input);
        }
        return candidates.of(last, input);
    }

    private static Optional<ModelOutput> named(LoweredEntry entry, String name) {
        return entry.outputs().stream()
                .filter(output -> output.name().equals(name))
                .findFirst();
    }

    /** Gathers all features of an output from all ranks. */
    private StepOutput.Rows gather(ModelOutput output, StepValues values) {
        int rows = values.rows(output.view());
        float[] whole = new float[rows * output.width()];
        if (output.indices() == null) {
            for (int row = 0; row < rows; row++) {
                System.arraycopy(values.row(output.view(), row), 0, whole, row * output.width(), output.width());
            }
            return new StepOutput.Rows(rows, output.width(), whole);
        }
        int most = 0;
        for (int[] held : output.indices()) {
            most = Math.max(most, held.length);
        }
        float[] own = new float[rows * most];
        for (int row = 0; row < rows; row++) {
            float[] part = values.row(output.view(), row);
            System.arraycopy(part, 0, own, row * most, part.length);
        }
        float[][] parts = Exchange.gather(mesh, own, own.length);
        for (int rank = 0; rank < parts.length; rank++) {
            int[] held = output.indices()[rank];
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < held.length; i++) {
                    whole[row * output.width() + held[i]] = parts[rank][row * most + i];
                }
            }
        }
        return new StepOutput.Rows(rows, output.width(), whole);
    }

    private static StepOutput.Rows pooled(StepOutput.Rows hidden, StepInput input, int[] offsets) {
        int width = hidden.width();
        float[] pooled = new float[input.sequences * width];
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            int first = offsets[sequence];
            int last = offsets[sequence + 1] - 1;
            int from = input.pooling == Pooling.CLS || input.pooling == Pooling.MEAN ? first : last;
            int to = input.pooling == Pooling.CLS ? first : last;
            for (int column = 0; column < width; column++) {
                double sum = 0;
                for (int row = from; row <= to; row++) {
                    sum += hidden.values()[row * width + column];
                }
                pooled[sequence * width + column] = (float) (sum / (to - from + 1));
            }
        }
        return new StepOutput.Rows(input.sequences, width, pooled);
    }
}
