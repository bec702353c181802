package dev.lockstep.generate;

import dev.lockstep.backend.StepOutput;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The bookkeeping of one row's beam search, apart from caches. Each step takes the best continuations of all beams by
 * summed log-probability (fp32); ties go to the lower beam, then to the lower token. An EOS among the first {@code
 * numBeams} of them (or another token that ends the text) makes a hypothesis, scored by its sum divided by {@code
 * length ^ lengthPenalty} (its tokens, EOS included); the best of the others are the next beams. The search ends when
 * there are {@code numBeams} hypotheses and, unless stopping early, the best current beam would not score better than
 * the worst of them.
 */
final class BeamSearch {

    /**
     * A finished text.
     *
     * @param tokens generated tokens, EOS not included
     * @param sum summed log-probability, EOS included
     * @param score the sum after the length penalty
     * @param end why it ended
     */
    record Hypothesis(int[] tokens, float sum, double score, Completion.Finish end) {}

    private final GenerationOptions options;
    private final Ending ending;
    private final boolean normalised;
    private final int beams;
    private final int candidates;

    private final List<Hypothesis> hypotheses = new ArrayList<>();
    private int length;
    private int live = 1;
    private float[] sums;
    private float[] nextSums;
    private final int[] parents;
    private final int[] tokens;

    /** The best continuations of a step, in order. */
    private final float[] bestSums;

    private final int[] bestBeams;
    private final int[] bestTokens;
    private int found;

    /** @param normalised whether candidates' logits are log-probabilities already */
    BeamSearch(GenerationOptions options, ModelTraits traits, Ending ending, boolean normalised) {
        this.options = options;
        this.ending = ending;
        this.normalised = normalised;
        this.beams = options.numBeams();
        // Each beam can end with any of these tokens, so this many continuations leave enough that do not end.
        int perBeam = Math.max(2, 1 + ending.tokens().length);
        this.candidates = (int) Math.min(traits.vocabularySize(), (long) perBeam * beams);
        this.sums = new float[beams];
        this.nextSums = new float[beams];
        this.parents = new int[beams];
        this.tokens = new int[beams];
        int most = perBeam * beams;
        this.bestSums = new float[most];
        this.bestBeams = new int[most];
        this.bestTokens = new int[most];
    }

    /** Candidates wanted for each beam. */
    int candidates() {
        return candidates;
    }

    /** Beams alive: 1 at first. */
    int live() {
        return live;
    }

    /** The beam before the step that beam {@code beam} continues. */
    int parent(int beam) {
        return parents[beam];
    }

    /** The token by which beam {@code beam} continues its parent. */
    int token(int beam) {
        return tokens[beam];
    }

    /**
     * Takes one step.
     *
     * @param output has the beams' candidates from {@code outputRow} on
     * @param generated the tokens generated so far by a beam, as they were before the step
     */
    void advance(StepOutput output, int outputRow, IntFunction<int[]> generated) {
        length++;
        collect(output, outputRow);
        int next = 0;
        for (int rank = 0; rank < found && next < beams; rank++) {
            Completion.Finish end = ending.at(bestTokens[rank]);
            if (end != null) {
                if (rank < beams) {
                    add(generated.apply(bestBeams[rank]), bestSums[rank], end);
                }
            } else {
                parents[next] = bestBeams[rank];
                tokens[next] = bestTokens[rank];
                nextSums[next++] = bestSums[rank];
            }
        }
        float[] previous = sums;
        sums = nextSums;
        nextSums = previous;
        live = next;
    }

    /** Whether no beam continues and none has ended: every token was ruled out. */
    boolean stuck() {
        return live == 0 && hypotheses.isEmpty();
    }

    /** Whether no beam can change the result any more. */
    boolean done() {
        if (live == 0) {
            return true;
        }
        if (hypotheses.size() < beams) {
            return false;
        }
        return options.earlyStopping() || worst() >= penalised(sums[0]);
    }

    /** Makes hypotheses of the beams alive: they have reached the length limit. */
    void finish(IntFunction<int[]> generated) {
        for (int beam = 0; beam < live; beam++) {
            add(generated.apply(beam), sums[beam], Completion.Finish.LENGTH);
        }
    }

    /** The best hypothesis, of equals the first found. */
    Hypothesis best() {
        Hypothesis best = hypotheses.get(0);
        for (Hypothesis hypothesis : hypotheses) {
            if (hypothesis.score() > best.score()) {
                best = hypothesis;
            }
        }
        return best;
    }

    private void collect(StepOutput output, int outputRow) {
        found = 0;
        for (int beam = 0; beam < live; beam++) {
            int row = outputRow + beam;
            int first = row * output.candidates();
            float mass = normalised ? 0 : output.logSumExp()[row];
            for (int c = 0; c < candidates; c++) {
                float logit = output.logits()[first + c];
                if (logit == Float.NEGATIVE_INFINITY) {
                    break; // it and all after it were ruled out
                }
                float logProbability = logit - mass;
                if (!insert(sums[beam] + logProbability, beam, output.tokens()[first + c])) {
                    break; // a beam's candidates come best first: the rest are no better
                }
            }
        }
    }

    /** Keeps the continuation if it is among the best so far. */
    private boolean insert(float sum, int beam, int token) {
        int at = found;
        while (at > 0 && before(sum, beam, token, at - 1)) {
            at--;
        }
        if (at >= bestSums.length) {
            return false;
        }
        found = Math.min(found + 1, bestSums.length);
        int moved = found - 1 - at;
        System.arraycopy(bestSums, at, bestSums, at + 1, moved);
        System.arraycopy(bestBeams, at, bestBeams, at + 1, moved);
        System.arraycopy(bestTokens, at, bestTokens, at + 1, moved);
        bestSums[at] = sum;
        bestBeams[at] = beam;
        bestTokens[at] = token;
        return true;
    }

    private boolean before(float sum, int beam, int token, int other) {
        if (sum != bestSums[other]) {
            return sum > bestSums[other];
        }
        return beam != bestBeams[other] ? beam < bestBeams[other] : token < bestTokens[other];
    }

    private void add(int[] generated, float sum, Completion.Finish end) {
        double score = penalised(sum);
        if (hypotheses.size() == beams) {
            if (score <= worst()) {
                return;
            }
            hypotheses.remove(hypotheses.stream()
                    .min(Comparator.comparingDouble(Hypothesis::score))
                    .orElseThrow());
        }
        hypotheses.add(new Hypothesis(generated, sum, score, end));
    }

    private double worst() {
        double worst = Double.POSITIVE_INFINITY;
        for (Hypothesis hypothesis : hypotheses) {
            worst = Math.min(worst, hypothesis.score());
        }
        return worst;
    }

    private double penalised(float sum) {
        return sum / Math.pow(length, options.lengthPenalty());
    }
}
