package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.graph.Reach;
import java.util.List;

/** A row with one sequence: greedy or sampled. */
final class SampledRow extends Row {
    private final ModelTraits traits;
    private final Sequence sequence;
    private final Sampler sampler;
    /** Null where no stop strings are given. */
    private final StopText stopText;

    private Completion.Finish finish;

    SampledRow(
            Prompt prompt,
            GenerationOptions options,
            ModelTraits traits,
            List<Reach> cacheGroups,
            Sampler sampler,
            StopText stopText) {
        super(prompt, options);
        this.traits = traits;
        this.sequence = new Sequence(prompt.start(), cacheGroups);
        this.sampler = sampler;
        this.stopText = stopText;
    }

    @Override
    int slots() {
        return 1;
    }

    @Override
    int sequences() {
        return 1;
    }

    @Override
    Sequence sequence(int index) {
        return sequence;
    }

    @Override
    void ask(StepInput input, int outputRow) {
        sampler.ask(input, outputRow, generated());
    }

    @Override
    boolean needsMore(StepOutput output, int outputRow) {
        return sampler.needsMore(output, outputRow);
    }

    @Override
    void advance(StepOutput output, int outputRow, BlockManager blocks) {
        int token = sampler.draw(output, outputRow, generated());
        if (!options.ignoreEos() && traits.isEos(token)) {
            finish = Completion.Finish.EOS;
            return;
        }
        sequence.append(token);
        if (stopText != null && stopText.append(token)) {
            finish = Completion.Finish.STOP;
        } else if (generated() >= options.maxNewTokens()) {
            finish = Completion.Finish.LENGTH;
        }
    }

    @Override
    Completion.Finish finish() {
        return finish;
    }

    @Override
    int[] result() {
        return sequence.from(prompt.start().length);
    }

    @Override
    String text() {
        return stopText == null ? null : stopText.text();
    }

    @Override
    void preempt(BlockManager blocks) {
        freeSource(blocks);
        sequence.rewind(sequence.length(), blocks);
    }
}
