package dev.lockstep.generate;

import java.util.Map;
import java.util.TreeMap;

/**
 * Changes to the logits of single tokens before a token is chosen, in this order: the bias is added; logits of tokens
 * in the prompt or the output are divided by {@code repetition} where they are above 0 and multiplied by it where not
 * (Keskar et al. 2019); {@code frequency} times a token's count in the output is subtracted, and {@code presence} once
 * where the count is above 0; a token that would repeat an n-gram is ruled out. An encoder-decoder's prompt is not
 * counted, its decoder's start tokens are. Beams' log-probabilities are changed in the same way, before they are
 * summed.
 *
 * @param repetition above 0; 1 for none, above 1 against repetition
 * @param presence -2 to 2; 0 for none
 * @param frequency -2 to 2; 0 for none
 * @param noRepeatNgram length of n-grams, over prompt and output, that may not occur twice; 0 for none
 * @param logitBias what is added to a token's logit, by token id, -100 to 100
 */
public record Penalties(
        double repetition, double presence, double frequency, int noRepeatNgram, Map<Integer, Double> logitBias) {

    public static final Penalties NONE = new Penalties(1, 0, 0, 0, Map.of());

    private static final int MOST_BIAS = 100;

    public Penalties {
        OptionChecks.require(
                repetition > 0 && repetition <= 100,
                "repetition_penalty",
                repetition,
                "above 0 (1 for none), at most 100");
        OptionChecks.require(Math.abs(presence) <= 2, "presence_penalty", presence, "-2 to 2");
        OptionChecks.require(Math.abs(frequency) <= 2, "frequency_penalty", frequency, "-2 to 2");
        OptionChecks.require(noRepeatNgram >= 0, "no_repeat_ngram_size", noRepeatNgram, "0 (none) or more");
        // In order of the tokens, so that two ways to write the same biases are the same options and run the same.
        TreeMap<Integer, Double> sorted = new TreeMap<>(logitBias);
        sorted.forEach((token, bias) -> {
            OptionChecks.require(token >= 0, "logit_bias of token " + token, bias, "token ids from 0 on");
            OptionChecks.require(
                    Math.abs(bias) <= MOST_BIAS,
                    "logit_bias of token " + token,
                    bias,
                    "-" + MOST_BIAS + " to " + MOST_BIAS);
        });
        logitBias = java.util.Collections.unmodifiableMap(sorted);
    }

    /** Whether the tokens of the past matter, apart from n-grams. */
    boolean counts() {
        return repetition != 1 || presence != 0 || frequency != 0;
    }

    boolean none() {
        return !counts() && noRepeatNgram == 0 && logitBias.isEmpty();
    }

    public Penalties withRepetition(double value) {
        return new Penalties(value, presence, frequency, noRepeatNgram, logitBias);
    }

    public Penalties withPresence(double value) {
        return new Penalties(repetition, value, frequency, noRepeatNgram, logitBias);
    }

    public Penalties withFrequency(double value) {
        return new Penalties(repetition, presence, value, noRepeatNgram, logitBias);
    }

    public Penalties withNoRepeatNgram(int value) {
        return new Penalties(repetition, presence, frequency, value, logitBias);
    }

    public Penalties withLogitBias(Map<Integer, Double> value) {
        return new Penalties(repetition, presence, frequency, noRepeatNgram, value);
    }
}
