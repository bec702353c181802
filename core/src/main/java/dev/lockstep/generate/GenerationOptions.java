package dev.lockstep.generate;

import java.util.List;
import java.util.Objects;

/**
 * The options with which one row's text is continued, with the customary names and meanings. A value that is out of
 * range, or that has no meaning with the others, is an {@link IllegalArgumentException} that names it.
 *
 * @param constraint the constraint on the text
 * @param logprobs {@link #NO_LOGPROBS}, or how many of the most probable tokens are reported beside the log-probability
 *     of each generated token (0 for that alone): those of the model itself, before penalties, constraint and
 *     temperature
 */
public record GenerationOptions(
        Stopping stopping, Sampling sampling, Penalties penalties, Beams beams, Constraint constraint, int logprobs) {

    /** No log-probabilities are reported. */
    public static final int NO_LOGPROBS = -1;

    private static final int MOST_LOGPROBS = 1000;

    public static final GenerationOptions GREEDY = new GenerationOptions(
            Stopping.DEFAULT, Sampling.GREEDY, Penalties.NONE, Beams.NONE, Constraint.NONE, NO_LOGPROBS);

    public GenerationOptions {
        Objects.requireNonNull(constraint, "constraint");
        OptionChecks.require(
                logprobs >= NO_LOGPROBS && logprobs <= MOST_LOGPROBS,
                "logprobs",
                logprobs,
                "-1 (none) or 0 to " + MOST_LOGPROBS);
        if (beams.search()) {
            beside("temperature", sampling.temperature(), 0.0);
            beside("n", sampling.samples(), 1);
            beside("logprobs", logprobs, NO_LOGPROBS);
            OptionChecks.require(
                    constraint == Constraint.NONE,
                    constraint.name(),
                    constraint.shown(),
                    "none when num_beams is above 1");
        }
    }

    private static void beside(String name, Object found, Object expected) {
        OptionChecks.require(found.equals(expected), name, found, plain(expected) + " when num_beams is above 1");
    }

    private static String plain(Object number) {
        return number instanceof Double value ? String.valueOf(value.intValue()) : number.toString();
    }

    /** What most rows are given. */
    public GenerationOptions(
            int maxNewTokens,
            double temperature,
            int topK,
            double topP,
            int numBeams,
            double lengthPenalty,
            boolean earlyStopping,
            long seed,
            boolean ignoreEos,
            List<String> stop) {
        this(
                new Stopping(maxNewTokens, 0, ignoreEos, stop, List.of()),
                new Sampling(temperature, topK, topP, 0, 1, seed, 1),
                Penalties.NONE,
                new Beams(numBeams, lengthPenalty, earlyStopping),
                Constraint.NONE,
                NO_LOGPROBS);
    }

    public int maxNewTokens() {
        return stopping.maxNewTokens();
    }

    public double temperature() {
        return sampling.temperature();
    }

    public int numBeams() {
        return beams.count();
    }

    public double lengthPenalty() {
        return beams.lengthPenalty();
    }

    public boolean earlyStopping() {
        return beams.earlyStopping();
    }

    public long seed() {
        return sampling.seed();
    }

    public boolean ignoreEos() {
        return stopping.ignoreEos();
    }

    public List<String> stop() {
        return stopping.strings();
    }

    /** Whether log-probabilities are reported. */
    public boolean reportsLogprobs() {
        return logprobs != NO_LOGPROBS;
    }

    public GenerationOptions with(Stopping other) {
        return new GenerationOptions(other, sampling, penalties, beams, constraint, logprobs);
    }

    public GenerationOptions with(Sampling other) {
        return new GenerationOptions(stopping, other, penalties, beams, constraint, logprobs);
    }

    public GenerationOptions with(Penalties other) {
        return new GenerationOptions(stopping, sampling, other, beams, constraint, logprobs);
    }

    public GenerationOptions with(Beams other) {
        return new GenerationOptions(stopping, sampling, penalties, other, constraint, logprobs);
    }

    public GenerationOptions with(Constraint other) {
        return new GenerationOptions(stopping, sampling, penalties, beams, other, logprobs);
    }

    public GenerationOptions withLogprobs(int alternatives) {
        return new GenerationOptions(stopping, sampling, penalties, beams, constraint, alternatives);
    }

    public GenerationOptions withMaxNewTokens(int tokens) {
        return with(stopping.withMaxNewTokens(tokens));
    }

    public GenerationOptions withIgnoreEos(boolean ignore) {
        return with(stopping.withIgnoreEos(ignore));
    }
}
