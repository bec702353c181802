package dev.lockstep.generate;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import java.util.List;

/**
 * Chooses one sample's tokens from a step's candidates, as {@link Sampling} says: the best one (greedy), or a draw.
 * Draws are Gumbel maxima of {@link CounterNoise}: unrestricted ones are left to the backend, which sees the whole
 * vocabulary. Restricted draws need the tokens that remain: {@code topK} is their number. Where a few candidates do not
 * cover the nucleus of {@code topP} and {@code minP}, or the typical tokens of the vocabulary or of that nucleus, the
 * backend draws. For a backend that does not draw, the number of candidates is doubled until the other tokens can be
 * ruled out by their order alone.
 */
final class Sampler {
    /** How many candidates a restriction of unknown size starts from. */
    private static final int FIRST_CANDIDATES = 64;

    private final Sampling sampling;
    private final float temperature;
    private final long seed;
    private final int vocabulary;
    private final boolean drawnByBackend;
    /** How far the best logit was above the second at each draw; null where that is not recorded. */
    private final List<Float> margins;

    private int candidates;
    /** The candidates that may be drawn: {@code [first, end)}. */
    private int first;

    private int end;

    Sampler(Sampling sampling, long seed, int vocabulary) {
        this(sampling, seed, vocabulary, null);
    }

    /** A greedy sampler that adds the margin of each token to a list. */
    static Sampler recording(int vocabulary, List<Float> margins) {
        return new Sampler(Sampling.GREEDY, 0, vocabulary, margins);
    }

    private Sampler(Sampling sampling, long seed, int vocabulary, List<Float> margins) {
        this.sampling = sampling;
        this.temperature = (float) sampling.temperature();
        this.seed = seed;
        this.vocabulary = vocabulary;
        this.margins = margins;
        boolean restricted = isCounted() || sampling.topP() < 1 || sampling.minP() > 0 || sampling.typicalP() < 1;
        this.drawnByBackend = !sampling.greedy() && !restricted;
        if (sampling.greedy() || drawnByBackend) {
            this.candidates = margins == null ? 1 : Math.min(2, vocabulary);
        } else {
            this.candidates = isCounted() ? sampling.topK() : Math.min(vocabulary, FIRST_CANDIDATES);
        }
    }

    /** Fills in what output row {@code row} is to yield for the sample's {@code step}-th new token. */
    void ask(StepInput input, int row, int step) {
        boolean open = !sampling.greedy() && !drawnByBackend && !isCounted();
        input.gumbelTemperature[row] = drawnByBackend ? temperature : 0;
        if (open) {
            input.nucleusTemperature[row] = sampling.temperature();
            input.topP[row] = sampling.topP();
            input.minP[row] = sampling.minP();
            input.typicalP[row] = sampling.typicalP();
        } else {
            input.whole(row);
        }
        input.massTemperature[row] = open ? temperature : 1;
        input.entropy[row] = open && isTypicalOfAll();
        input.seeds[row] = seed;
        input.sampleSteps[row] = step;
        askMore(input);
    }

    void askMore(StepInput input) {
        input.candidates = Math.max(input.candidates, candidates);
    }

    /** Whether tokens beyond the candidates may be drawn; asks for twice as many from now on. */
    boolean needsMore(StepOutput output, int row) {
        int given = output.candidates();
        if (sampling.greedy()
                || drawnByBackend
                || isCounted()
                || given >= vocabulary
                || output.drawn()[row]
                || suffice(output, row)) {
            return false;
        }
        candidates = (int) Math.min(vocabulary, 2L * given);
        return true;
    }

    /** The candidate that is taken: its index among the row's. */
    int draw(StepOutput output, int row, int step) {
        int at = row * output.candidates();
        if (margins != null) {
            boolean alone = output.candidates() == 1;
            margins.add(alone ? Float.POSITIVE_INFINITY : output.logits()[at] - output.logits()[at + 1]);
        }
        if (sampling.greedy() || drawnByBackend || output.drawn()[row]) {
            return 0;
        }
        restrict(output, row);
        long key = CounterNoise.key(seed, step);
        float best = Float.NEGATIVE_INFINITY;
        int drawn = first;
        for (int c = first; c < end; c++) {
            float value = CounterNoise.noisy(output.logits()[at + c], temperature, key, output.tokens()[at + c]);
            if (value > best) {
                best = value;
                drawn = c;
            }
        }
        return drawn;
    }

    /** Whether all tokens that may be drawn are among the candidates. */
    private boolean suffice(StepOutput output, int row) {
        int count = output.candidates();
        double last = weight(output, row, count - 1);
        if (last == 0 || (sampling.minP() > 0 && last < sampling.minP())) {
            return true;
        }
        double total = total(output, row);
        if (sampling.topP() < 1) {
            return mass(output, row, 0, count) >= sampling.topP() * total;
        }
        if (!isTypicalOfAll()) {
            return false;
        }
        // Tokens beyond the candidates are more surprising than the last: known are all up to its distance.
        double entropy = output.entropy()[row];
        double reach = surprise(output, row, count - 1, total) - entropy;
        double mass = 0;
        for (int c = 0; c < count; c++) {
            boolean nearer = Math.abs(surprise(output, row, c, total) - entropy) < reach;
            mass += nearer ? weight(output, row, c) : 0;
        }
        return mass >= sampling.typicalP() * total;
    }

    /** Finds the candidates that may be drawn. */
    private void restrict(StepOutput output, int row) {
        first = 0;
        end = isCounted() ? Math.min(sampling.topK(), output.candidates()) : output.candidates();
        double total = isCounted() ? mass(output, row, 0, end) : total(output, row);
        if (sampling.topP() < 1) {
            double mass = 0;
            for (int c = 0; c < end; c++) {
                mass += weight(output, row, c);
                if (mass >= sampling.topP() * total) {
                    end = c + 1;
                }
            }
        }
        while (end > 1 && weight(output, row, end - 1) < sampling.minP()) {
            end--;
        }
        if (sampling.typicalP() < 1) {
            boolean all = !isCounted() && isTypicalOfAll();
            double left = all ? total : mass(output, row, 0, end);
            restrictToTypical(output, row, left, all ? output.entropy()[row] : entropy(output, row, left));
        }
    }

    /** Goes from the candidate whose surprise is the entropy to both sides, the nearer one first. */
    private void restrictToTypical(StepOutput output, int row, double total, double entropy) {
        int above = 0;
        while (above < end && surprise(output, row, above, total) < entropy) {
            above++;
        }
        int below = above;
        double mass = 0;
        while (mass < sampling.typicalP() * total && (below > 0 || above < end)) {
            boolean down = above == end
                    || (below > 0
                            && entropy - surprise(output, row, below - 1, total)
                                    <= surprise(output, row, above, total) - entropy);
            mass += weight(output, row, down ? --below : above++);
        }
        first = below;
        end = above;
    }

    /** Of the candidates up to {@link #end}, whose weights sum to {@code total}. */
    private double entropy(StepOutput output, int row, double total) {
        double sum = 0;
        for (int c = 0; c < end; c++) {
            double weight = weight(output, row, c);
            sum += weight == 0 ? 0 : weight * surprise(output, row, c, total);
        }
        return sum / total;
    }

    /** Whether {@code topK} says how many tokens are left. */
    private boolean isCounted() {
        return sampling.topK() > 0 && sampling.topK() < vocabulary;
    }

    /** Whether the typical set is of the whole vocabulary, whose entropy the backend must report. */
    private boolean isTypicalOfAll() {
        return sampling.typicalP() < 1 && sampling.topP() == 1 && sampling.minP() == 0;
    }

    /** A candidate's probability as a fraction of the best one's. */
    private double weight(StepOutput output, int row, int candidate) {
        return Math.exp(exponent(output, row, candidate));
    }

    private double exponent(StepOutput output, int row, int candidate) {
        int at = row * output.candidates();
        float logit = output.logits()[at + candidate];
        return logit == Float.NEGATIVE_INFINITY ? logit : (logit - output.logits()[at]) / sampling.temperature();
    }

    /** In nats, among tokens whose weights sum to {@code total}. */
    private double surprise(StepOutput output, int row, int candidate, double total) {
        return Math.log(total) - exponent(output, row, candidate);
    }

    private double mass(StepOutput output, int row, int from, int to) {
        double mass = 0;
        for (int c = from; c < to; c++) {
            mass += weight(output, row, c);
        }
        return mass;
    }

    /** The weights of the whole vocabulary. */
    private double total(StepOutput output, int row) {
        double best = output.logits()[row * output.candidates()] / sampling.temperature();
        return Math.exp(output.logSumExp()[row] - best);
    }
}
