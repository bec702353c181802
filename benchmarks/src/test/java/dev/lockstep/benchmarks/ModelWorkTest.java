package dev.lockstep.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.architecture.Architectures;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.graph.EntryPoint;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ModelWorkTest {
    private static StepInput step(EntryPoint entry, int keys, int outputRows, int... rows) {
        StepInput step = new StepInput(new Limits(64, 4, 64, 8, 16));
        step.clear();
        step.entry = entry;
        for (int count : rows) {
            step.tokens += count;
            step.keyLengths[step.sequences++] = keys;
            step.queryOffsets[step.sequences] = step.tokens;
        }
        step.outputRows = outputRows;
        return step;
    }

    /** GPT-2 of hidden h: 12 h² of linear maps a layer and row, a head of vocabulary x h, 4 h a key and layer. */
    @Test
    void countsLinearMapsAndAttention() {
        try (Checkpoint checkpoint = Checkpoints.open(Path.of("../core/src/test/resources/goldens/gpt2"))) {
            int h = checkpoint.config().size("n_embd");
            int layers = checkpoint.config().size("n_layer");
            int vocabulary = checkpoint.config().size("vocab_size");
            ModelWork work = new ModelWork(Architectures.build(checkpoint).graph());

            double decode = work.flops(step(EntryPoint.DECODE, 10, 2, 1, 1));
            double prompt = work.flops(step(EntryPoint.DECODE, 7, 1, 7));

            double row = 24.0 * h * h * layers;
            double head = 2.0 * h * vocabulary;
            double key = 4.0 * h * layers;
            assertThat(decode).isEqualTo(2 * row + 2 * head + 20 * key);
            // Behind the last layer's attention, three quarters of that layer's maps see the asked row alone.
            double skipped = 6 * 18.0 * h * h;
            assertThat(prompt).isEqualTo(7 * row - skipped + head + 28 * key);
        }
    }
}
