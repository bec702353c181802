package dev.lockstep.generate;

/**
 * A beam search.
 *
 * @param count beams; 1 for no search
 * @param lengthPenalty exponent of the length by which a finished beam's score is divided
 * @param earlyStopping whether the search ends as soon as there are {@code count} finished candidates
 */
public record Beams(int count, double lengthPenalty, boolean earlyStopping) {
    public static final Beams NONE = new Beams(1, 1, false);

    public Beams {
        OptionChecks.require(count >= 1, "num_beams", count, "at least 1");
        OptionChecks.require(Double.isFinite(lengthPenalty), "length_penalty", lengthPenalty, "a number");
    }

    boolean search() {
        return count > 1;
    }
}
