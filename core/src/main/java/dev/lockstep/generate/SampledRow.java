package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import java.util.List;

/**
 * A row with one text, greedy or sampled, or with several samples: one sequence until the prompt is run, then one for
 * each sample, which share the prompt's blocks. A pre-empted row with one text keeps what it generated. A row with
 * several restarts, and draws the same again, since running its samples one by one would need more blocks than with
 * sharing.
 */
final class SampledRow extends Row {
    private final List<Sample> samples;
    /** The samples that go on are the first {@code live} ones; before the prompt is run that is the first alone. */
    private final Sample[] going;

    private int live = 1;
    private boolean begun;
    private String error;

    /** @param samples at least one, all with nothing generated */
    SampledRow(Prompt prompt, GenerationOptions options, List<Sample> samples) {
        super(prompt, options);
        this.samples = List.copyOf(samples);
        this.going = samples.toArray(Sample[]::new);
    }

    @Override
    int slots() {
        return samples.size();
    }

    @Override
    int sequences() {
        return live;
    }

    @Override
    int outputs() {
        return begun ? 1 : samples.size();
    }

    @Override
    Sequence sequence(int index) {
        return going[index].sequence;
    }

    @Override
    void ask(StepInput input, int outputRow) {
        for (int i = 0; i < asking(); i++) {
            going[i].ask(input, outputRow + i);
        }
    }

    @Override
    void askMore(StepInput input) {
        for (int i = 0; i < asking(); i++) {
            going[i].askMore(input);
        }
    }

    @Override
    boolean needsMore(StepOutput output, int outputRow) {
        boolean more = false;
        for (int i = 0; i < asking(); i++) {
            more |= going[i].needsMore(output, outputRow + i);
        }
        return more;
    }

    /** Samples that have an output row in this step. */
    private int asking() {
        return begun ? live : samples.size();
    }

    @Override
    void advance(StepOutput output, int outputRow, BlockManager blocks) {
        if (!begun) {
            begun = true;
            live = samples.size();
            for (int i = 1; i < live; i++) {
                going[i].sequence.fork(going[0].sequence, blocks);
            }
        }
        int kept = 0;
        for (int i = 0; i < live; i++) {
            Sample sample = going[i];
            sample.advance(output, outputRow + i);
            if (sample.finish() == null) {
                going[kept++] = sample;
            } else {
                sample.sequence.cache.free(blocks);
                error = error == null ? sample.error() : error;
            }
        }
        live = kept;
    }

    @Override
    Completion.Finish finish() {
        if (error != null) {
            return Completion.Finish.ERROR;
        }
        return live == 0 ? samples.get(0).finish() : null;
    }

    @Override
    String error() {
        return error;
    }

    @Override
    List<Result> results() {
        return samples.stream().map(Sample::result).toList();
    }

    @Override
    void preempt(BlockManager blocks) {
        freeSource(blocks);
        if (samples.size() == 1) {
            Sequence sequence = going[0].sequence;
            sequence.rewind(sequence.length(), blocks);
            return;
        }
        for (int i = 0; i < samples.size(); i++) {
            going[i] = samples.get(i);
            going[i].restart(blocks);
        }
        live = 1;
        begun = false;
    }
}
