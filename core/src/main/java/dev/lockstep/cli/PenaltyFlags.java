package dev.lockstep.cli;

import dev.lockstep.generate.Penalties;
import java.util.Map;
import picocli.CommandLine.Option;

/** What is changed in the logits of single tokens. */
final class PenaltyFlags {
    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            description = "Logits of tokens in prompt or output are divided by X where positive, else multiplied; 1 for"
                    + " none.")
    private Double repetition;

    @Option(names = "--presence-penalty", paramLabel = "X", description = "Taken off logits of tokens in the output.")
    private Double presence;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description = "Taken off logits of tokens in the output, as often as they are there.")
    private Double frequency;

    @Option(names = "--no-repeat-ngram-size", paramLabel = "N", description = "No N tokens in a row come twice.")
    private Integer noRepeatNgram;

    @Option(names = "--logit-bias", paramLabel = "ID=X", description = "Added to a token's logit; may be repeated.")
    private Map<Integer, Double> logitBias;

    /** The given ones over the defaults. */
    Penalties over(Penalties defaults) {
        return new Penalties(
                SamplingFlags.given(repetition, defaults.repetition()),
                SamplingFlags.given(presence, defaults.presence()),
                SamplingFlags.given(frequency, defaults.frequency()),
                SamplingFlags.given(noRepeatNgram, defaults.noRepeatNgram()),
                SamplingFlags.given(logitBias, defaults.logitBias()));
    }
}
