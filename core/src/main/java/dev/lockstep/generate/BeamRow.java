package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.graph.Reach;
import java.util.Arrays;
import java.util.List;

/**
 * A row under beam search: one sequence until the prompt is run, then one for each beam. Beams share the blocks of
 * their common prefix. A pre-empted search restarts (it is deterministic): running its beams again one by one would
 * need more blocks than with sharing.
 */
final class BeamRow extends Row {
    private final ModelTraits traits;
    private final Ending ending;
    private final TokenRules rules;
    private final Sequence[] beams;
    private final Sequence[] next;
    private final boolean[] continued;
    private BeamSearch search;
    private int live = 1;
    private int generated;
    private Completion.Finish finish;

    BeamRow(Prompt prompt, GenerationOptions options, ModelTraits traits, List<Reach> cacheGroups) {
        super(prompt, options);
        this.traits = traits;
        this.beams = new Sequence[options.numBeams()];
        this.next = new Sequence[options.numBeams()];
        this.continued = new boolean[options.numBeams()];
        this.ending = new Ending(options.stopping(), traits);
        this.rules = TokenRules.of(options, ending);
        this.search = new BeamSearch(options, traits, ending, rules != null);
        for (int i = 0; i < beams.length; i++) {
            beams[i] = new Sequence(prompt.start(), cacheGroups);
        }
    }

    @Override
    int slots() {
        return beams.length;
    }

    @Override
    int sequences() {
        return live;
    }

    @Override
    Sequence sequence(int index) {
        return beams[index];
    }

    @Override
    void ask(StepInput input, int outputRow) {
        for (int beam = 0; beam < live; beam++) {
            int row = outputRow + beam;
            input.best(row);
            input.sampleSteps[row] = generated;
            if (rules != null) {
                // Scores are the model's log-probabilities as the rules change them, which then need not sum to 1.
                input.normalised[row] = true;
                rules.start(prompt.start());
                for (int token : generatedBy(beam)) {
                    rules.append(token);
                }
                rules.write(beams[beam], generated, input.rules, row);
            }
        }
        askMore(input);
    }

    @Override
    void askMore(StepInput input) {
        input.candidates = Math.max(input.candidates, search.candidates());
    }

    @Override
    boolean needsMore(StepOutput output, int outputRow) {
        return false;
    }

    @Override
    void advance(StepOutput output, int outputRow, BlockManager blocks) {
        search.advance(output, outputRow, this::generatedBy);
        reorder(blocks);
        generated++;
        if (search.stuck()) {
            finish = Completion.Finish.ERROR;
        } else if (search.done()) {
            end();
        } else if (generated >= options.maxNewTokens()) {
            search.finish(this::generatedBy);
            end();
        }
    }

    private void end() {
        finish = search.best().end();
    }

    /**
     * The first child of a beam takes over its sequence, the others fork it, and reuse the sequences of beams without a
     * child.
     */
    private void reorder(BlockManager blocks) {
        int children = search.live();
        Arrays.fill(continued, false);
        for (int i = 0; i < children; i++) {
            int parent = search.parent(i);
            next[i] = continued[parent] ? null : beams[parent];
            continued[parent] = true;
        }
        int spare = 0;
        int unplaced = children;
        for (int i = 0; i < beams.length; i++) {
            if (i < live && !continued[i]) {
                beams[i].cache.free(blocks);
            }
        }
        for (int i = 0; i < children; i++) {
            if (next[i] == null) {
                while (continued[spare]) {
                    spare++;
                }
                next[i] = beams[spare++];
                next[i].fork(beams[search.parent(i)], blocks);
            }
        }
        for (; spare < beams.length; spare++) {
            if (!continued[spare]) {
                next[unplaced++] = beams[spare];
            }
        }
        System.arraycopy(next, 0, beams, 0, beams.length);
        live = children;
        for (int i = 0; i < live; i++) {
            beams[i].append(search.token(i));
        }
    }

    @Override
    Completion.Finish finish() {
        return finish;
    }

    @Override
    String error() {
        return finish == Completion.Finish.ERROR
                ? "no token may follow any of the beams: no_repeat_ngram_size and min_new_tokens rule out the whole"
                        + " vocabulary"
                : null;
    }

    @Override
    List<Result> results() {
        return List.of(new Result(search.best().tokens(), null, 0, finish, null));
    }

    /** The summed log-probability of a finished row's tokens. */
    float sum() {
        return search.best().sum();
    }

    @Override
    void preempt(BlockManager blocks) {
        freeSource(blocks);
        for (int i = 0; i < live; i++) {
            beams[i].rewind(prompt.start().length, blocks);
        }
        live = 1;
        generated = 0;
        search = new BeamSearch(options, traits, ending, rules != null);
    }

    private int[] generatedBy(int beam) {
        return beams[beam].from(prompt.start().length);
    }
}
