package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * One text that is sampled for a row: its sequence, its noise, and the state that follows its tokens (stops,
 * constraint).
 */
final class Sample {
    /** New tokens that a sample has memory for from the beginning, where it may have so many. */
    private static final int MOST_ROOM = 256;

    final Sequence sequence;
    private final int[] start;
    private final Stopping stopping;
    private final Ending ending;
    private final Sampler sampler;
    /** Null where nothing is changed. */
    private final TokenRules rules;
    /** Null where no stop strings are given. */
    private final StopText stopText;
    /** Null where any text is fine. */
    private final ConstrainedText constrained;
    /** Null where they are not asked for. */
    private final LogprobRecord logprobs;

    private Completion.Finish finish;
    private String error;

    private Sample(
            Sequence sequence,
            int[] start,
            Stopping stopping,
            Ending ending,
            Sampler sampler,
            TokenRules rules,
            StopText stopText,
            ConstrainedText constrained,
            LogprobRecord logprobs) {
        this.sequence = sequence;
        this.start = start;
        this.stopping = stopping;
        this.ending = ending;
        this.sampler = sampler;
        this.rules = rules;
        this.stopText = stopText;
        this.constrained = constrained;
        this.logprobs = logprobs;
        begin();
    }

    /**
     * A sample that has generated nothing.
     *
     * @param sampler draws with its noise
     * @param stopText null where no stop strings are given
     * @param constrained null where any text is fine
     */
    static Sample of(
            int[] start,
            GenerationOptions options,
            ModelTraits traits,
            List<Reach> cacheGroups,
            Sampler sampler,
            StopText stopText,
            ConstrainedText constrained) {
        Ending ending = new Ending(options.stopping(), traits);
        return new Sample(
                new Sequence(start, cacheGroups, Math.min(MOST_ROOM, options.maxNewTokens())),
                start,
                options.stopping(),
                ending,
                sampler,
                TokenRules.of(options, ending),
                stopText,
                constrained,
                options.reportsLogprobs()
                        ? new LogprobRecord(Math.min(options.logprobs(), traits.vocabularySize()))
                        : null);
    }

    private void begin() {
        finish = null;
        error = null;
        if (rules != null) {
            rules.start(start);
        }
        if (stopText != null) {
            stopText.clear();
        }
        if (constrained != null) {
            constrained.clear();
        }
        if (logprobs != null) {
            logprobs.clear();
        }
    }

    /** Forgets all that was generated. */
    void restart(BlockManager blocks) {
        sequence.rewind(start.length, blocks);
        begin();
    }

    /** Null while it goes on. */
    Completion.Finish finish() {
        return finish;
    }

    /** Why it cannot go on; null where it can. */
    String error() {
        return error;
    }

    void ask(StepInput input, int row) {
        sampler.ask(input, row, generated());
        input.rules.begin(row);
        if (rules != null) {
            rules.write(sequence, generated(), input.rules, row);
        }
        if (constrained != null) {
            input.rules.mask(row, constrained.allowed());
        }
        if (logprobs != null) {
            logprobs.ask(input);
        }
    }

    void askMore(StepInput input) {
        sampler.askMore(input);
    }

    boolean needsMore(StepOutput output, int row) {
        return sampler.needsMore(output, row);
    }

    /** Takes the next token, or ends. */
    void advance(StepOutput output, int row) {
        int candidate = sampler.draw(output, row, generated());
        int token = output.tokens()[row * output.candidates() + candidate];
        if (output.logits()[row * output.candidates() + candidate] == Float.NEGATIVE_INFINITY) {
            finish = Completion.Finish.ERROR;
            error = nothingAllowed();
            return;
        }
        finish = ending.at(token);
        if (finish == null) {
            append(output, row, candidate, token);
        }
    }

    private void append(StepOutput output, int row, int candidate, int token) {
        sequence.append(token);
        if (rules != null) {
            rules.append(token);
        }
        if (logprobs != null) {
            logprobs.add(output, row, candidate);
        }
        boolean complete = constrained != null && constrained.append(token);
        if (stopText != null && stopText.append(token, !ending.tooEarly(generated()))) {
            finish = Completion.Finish.STOP;
        } else if (complete) {
            finish = Completion.Finish.STOP;
        } else if (generated() >= stopping.maxNewTokens()) {
            finish = Completion.Finish.LENGTH;
        }
    }

    private String nothingAllowed() {
        String reason = "no token may follow the " + generated() + " tokens generated: ";
        return constrained != null
                ? reason + "none of the vocabulary goes on with a text that " + constrained.shown()
                        + " allows (beside no_repeat_ngram_size and min_new_tokens, where given)"
                : reason + "no_repeat_ngram_size and min_new_tokens rule out the whole vocabulary";
    }

    Row.Result result() {
        return new Row.Result(
                sequence.from(start.length),
                stopText == null ? null : stopText.text(),
                stopText == null ? 0 : stopText.countsFrom(),
                finish,
                logprobs == null ? null : logprobs.logprobs());
    }

    private int generated() {
        return sequence.length() - start.length;
    }
}
