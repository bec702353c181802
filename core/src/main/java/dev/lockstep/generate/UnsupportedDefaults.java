package dev.lockstep.generate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A checkpoint's generation defaults that are not supported and would change its texts. */
public final class UnsupportedDefaults {
    private static final List<String> KEYS = List.of(
            "bad_words_ids",
            "begin_suppress_tokens",
            "constraints",
            "diversity_penalty",
            "encoder_no_repeat_ngram_size",
            "encoder_repetition_penalty",
            "epsilon_cutoff",
            "eta_cutoff",
            "exponential_decay_length_penalty",
            "force_words_ids",
            "forced_eos_token_id",
            "guidance_scale",
            "num_beam_groups",
            "num_return_sequences",
            "penalty_alpha",
            "renormalize_logits",
            "sequence_bias",
            "stop_strings",
            "suppress_tokens");

    private UnsupportedDefaults() {}

    /** The keys that are set to a value with an effect, in {@code generation_config.json} or {@code config.json}. */
    public static List<String> of(Config config, Optional<Config> generation) {
        return KEYS.stream()
                .filter(key -> Stream.concat(generation.stream(), Stream.of(config))
                        .map(file -> file.node(key))
                        .flatMap(Optional::stream)
                        .findFirst()
                        .filter(UnsupportedDefaults::hasEffect)
                        .isPresent())
                .toList();
    }

    /** Null, false, empty, and 0 or 1, one of which every number's neutral value is, have none. */
    private static boolean hasEffect(JsonNode value) {
        if (value.isNumber()) {
            return value.doubleValue() != 0 && value.doubleValue() != 1;
        }
        return value.isBoolean() ? value.booleanValue() : !value.isNull() && (value.isTextual() || !value.isEmpty());
    }
}
