package dev.lockstep.generate;

import dev.lockstep.checkpoint.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A checkpoint's generation defaults, from {@code generation_config.json}, then (for older checkpoints) from {@code
 * config.json}.
 *
 * @param eosTokens {@code eos_token_id}, one or several
 * @param decoderStart {@code decoder_start_token_id} (or {@code bos_token_id}), then {@code forced_bos_token_id}
 * @param padToken {@code pad_token_id}
 * @param options the default options: greedy or beams, or sampling where {@code do_sample} is set; new tokens by {@code
 *     max_new_tokens} and {@code min_new_tokens}, for encoder-decoders also {@code max_length} and {@code min_length};
 *     {@code repetition_penalty} and {@code no_repeat_ngram_size} in all cases
 */
public record GenerationDefaults(
        List<Integer> eosTokens, List<Integer> decoderStart, OptionalInt padToken, GenerationOptions options) {

    /** What {@code top_k} is taken to be where a checkpoint samples and does not name it. */
    private static final int PUBLISHED_TOP_K = 50;

    public GenerationDefaults {
        eosTokens = List.copyOf(eosTokens);
        decoderStart = List.copyOf(decoderStart);
    }

    /**
     * Reads the defaults.
     *
     * @throws dev.lockstep.checkpoint.CheckpointException when a key holds an impossible value
     * @throws IllegalArgumentException when a value is out of its range
     */
    public static GenerationDefaults read(Config config, Optional<Config> generation) {
        Files files = new Files(config, generation);
        List<Integer> start = new ArrayList<>();
        files.integer("decoder_start_token_id")
                .or(() -> files.integer("bos_token_id"))
                .ifPresent(start::add);
        files.integer("forced_bos_token_id").ifPresent(start::add);
        OptionalInt pad = files.integer("pad_token_id").map(OptionalInt::of).orElse(OptionalInt.empty());
        return new GenerationDefaults(files.eos(), start, pad, options(files, config));
    }

    private static GenerationOptions options(Files files, Config config) {
        GenerationOptions greedy = GenerationOptions.GREEDY;
        Optional<Integer> length = files.integer("max_new_tokens");
        if (length.isEmpty() && config.flag(false, "is_encoder_decoder")) {
            length = files.integer("max_length");
        }
        int most = length.orElse(greedy.maxNewTokens());
        Stopping stopping =
                greedy.stopping().withMaxNewTokens(most).withMinNewTokens(Math.min(most, least(files, config)));
        Penalties penalties = Penalties.NONE
                .withRepetition(files.number("repetition_penalty").orElse(1.0))
                .withNoRepeatNgram(files.integer("no_repeat_ngram_size").orElse(0));
        boolean sample = files.flag("do_sample");
        Beams beams = new Beams(
                sample ? 1 : files.integer("num_beams").orElse(1),
                files.number("length_penalty").orElse(greedy.lengthPenalty()),
                files.flag("early_stopping"));
        return greedy.with(stopping)
                .with(sample ? sampling(files) : Sampling.GREEDY)
                .with(penalties)
                .with(beams);
    }

    private static Sampling sampling(Files files) {
        return Sampling.GREEDY
                .withTemperature(files.number("temperature").orElse(1.0))
                .withTopK(files.integer("top_k").orElse(PUBLISHED_TOP_K))
                .withTopP(files.number("top_p").orElse(1.0))
                .withMinP(files.number("min_p").orElse(0.0))
                .withTypicalP(files.number("typical_p").orElse(1.0));
    }

    /** {@code min_length} counts the tokens that an encoder-decoder's decoder starts from; of a decoder, the prompt. */
    private static int least(Files files, Config config) {
        Optional<Integer> given = files.integer("min_new_tokens");
        if (given.isEmpty() && config.flag(false, "is_encoder_decoder")) {
            int start = files.integer("forced_bos_token_id").isPresent() ? 2 : 1;
            return Math.max(0, files.integer("min_length").orElse(0) - start);
        }
        return given.orElse(0);
    }

    /** Looks keys up in the one file, then in the other. */
    private record Files(Config config, Optional<Config> generation) {

        Optional<Integer> integer(String key) {
            return first().map(file -> file.integer(key))
                    .flatMap(Optional::stream)
                    .findFirst();
        }

        Optional<Double> number(String key) {
            return first().map(file -> file.number(key))
                    .flatMap(Optional::stream)
                    .findFirst();
        }

        /** Anything but true counts as false: {@code early_stopping} may also be the string "never". */
        boolean flag(String key) {
            return first().map(file -> file.node(key))
                    .flatMap(Optional::stream)
                    .findFirst()
                    .map(node -> node.asBoolean(false))
                    .orElse(false);
        }

        List<Integer> eos() {
            return first().map(file -> file.integers("eos_token_id"))
                    .filter(tokens -> !tokens.isEmpty())
                    .findFirst()
                    .orElse(List.of());
        }

        private Stream<Config> first() {
            return Stream.concat(generation.stream(), Stream.of(config));
        }
    }
}
