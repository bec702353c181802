package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import java.util.List;

/**
 * Chooses one row's tokens from a step's candidates: the best one (greedy), or a draw from the softmax at a
 * temperature over all tokens, the {@code topK} best, or the fewest best whose probabilities sum to {@code topP} (of
 * the {@code topK} best, where both are given). Draws are Gumbel maxima of {@link CounterNoise}: unrestricted ones are
 * left to the backend, which sees the whole vocabulary.
 */
final class Sampler {
    /** How many candidates a nucleus starts from; doubled while their mass is below {@code topP}. */
    private static final int FIRST_NUCLEUS = 64;

    private final GenerationOptions options;
    private final long seed;
    private final int vocabulary;
    private final boolean drawnByBackend;
    /** How far the best logit was above the second at each draw; null where that is not recorded. */
    private final List<Float> margins;

    private int candidates;

    Sampler(GenerationOptions options, long seed, int vocabulary) {
        this(options, seed, vocabulary, null);
    }

    /** A greedy sampler that adds the margin of each token to a list. */
    static Sampler recording(GenerationOptions greedy, int vocabulary, List<Float> margins) {
        return new Sampler(greedy, 0, vocabulary, margins);
    }

    private Sampler(GenerationOptions options, long seed, int vocabulary, List<Float> margins) {
        this.options = options;
        this.seed = seed;
        this.vocabulary = vocabulary;
        this.margins = margins;
        boolean sampled = options.temperature() > 0;
        boolean restricted = options.topP() < 1 || (options.topK() > 0 && options.topK() < vocabulary);
        this.drawnByBackend = sampled && !restricted;
        if (!sampled || drawnByBackend) {
            this.candidates = margins == null ? 1 : Math.min(2, vocabulary);
        } else {
            this.candidates = Math.min(vocabulary, options.topK() > 0 ? options.topK() : FIRST_NUCLEUS);
        }
    }

    /** Fills in what output row {@code row} is to yield for the row's {@code step}-th new token. */
    void ask(StepInput input, int row, int step) {
        input.gumbelTemperature[row] = drawnByBackend ? (float) options.temperature() : 0;
        input.massTemperature[row] = isNucleus() ? (float) options.temperature() : 1;
        input.seeds[row] = seed;
        input.sampleSteps[row] = step;
        input.candidates = Math.max(input.candidates, candidates);
    }

    /** Whether the candidates' mass is too small; asks for twice as many from now on. */
    boolean needsMore(StepOutput output, int row) {
        if (!isNucleus() || output.candidates() >= vocabulary) {
            return false;
        }
        double mass = 0;
        for (int c = 0; c < output.candidates(); c++) {
            mass += probability(output, row, c);
        }
        if (mass >= options.topP()) {
            return false;
        }
        candidates = (int) Math.min(vocabulary, 2L * output.candidates());
        return true;
    }

    /** The chosen token. */
    int draw(StepOutput output, int row, int step) {
        int first = row * output.candidates();
        if (margins != null) {
            boolean alone = output.candidates() == 1;
            margins.add(alone ? Float.POSITIVE_INFINITY : output.logits()[first] - output.logits()[first + 1]);
        }
        if (options.temperature() == 0 || drawnByBackend) {
            return output.tokens()[first];
        }
        int kept = kept(output, row);
        long key = CounterNoise.key(seed, step);
        double best = Double.NEGATIVE_INFINITY;
        int drawn = output.tokens()[first];
        for (int c = 0; c < kept; c++) {
            int token = output.tokens()[first + c];
            double value = output.logits()[first + c] / options.temperature() + CounterNoise.gumbel(key, token);
            if (value > best) {
                best = value;
                drawn = token;
            }
        }
        return drawn;
    }

    /** How many of the row's candidates may be drawn. */
    private int kept(StepOutput output, int row) {
        int considered = isNucleus() ? output.candidates() : Math.min(candidates, output.candidates());
        if (options.topP() == 1) {
            return considered;
        }
        double total = 1;
        if (!isNucleus()) {
            total = 0;
            for (int c = 0; c < considered; c++) {
                total += relative(output, row, c);
            }
        }
        double mass = 0;
        for (int c = 0; c < considered; c++) {
            mass += isNucleus() ? probability(output, row, c) : relative(output, row, c);
            if (mass >= options.topP() * total) {
                return c + 1;
            }
        }
        return considered;
    }

    /** Whether {@code topP} is taken over the whole vocabulary, so that its whole mass must be known. */
    private boolean isNucleus() {
        return options.temperature() > 0 && options.topP() < 1 && options.topK() == 0;
    }

    private double probability(StepOutput output, int row, int candidate) {
        double scaled = output.logits()[row * output.candidates() + candidate] / options.temperature();
        return Math.exp(scaled - output.logSumExp()[row]);
    }

    /** A probability up to a factor that is the same for all of the row's candidates. */
    private double relative(StepOutput output, int row, int candidate) {
        int first = row * output.candidates();
        return Math.exp((output.logits()[first + candidate] - output.logits()[first]) / options.temperature());
    }
}
