package dev.lockstep.generate;

import dev.lockstep.checkpoint.Config;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What a checkpoint says about generation, in {@code generation_config.json} first, then (as older checkpoints do) in
 * {@code config.json}.
 *
 * @param eosTokens {@code eos_token_id}, one or several
 * @param decoderStart {@code decoder_start_token_id} (or {@code bos_token_id}), then {@code forced_bos_token_id}
 * @param padToken {@code pad_token_id}
 * @param options how its authors generate: greedy or beams, or sampling where {@code do_sample} is set; new tokens by
 *     {@code max_new_tokens}, for encoder-decoders also {@code max_length}
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
     * @throws dev.lockstep.checkpoint.CheckpointException when a key holds what it cannot
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
        boolean sample = files.flag("do_sample");
        return new GenerationOptions(
                length.orElse(greedy.maxNewTokens()),
                sample ? files.number("temperature").orElse(1.0) : 0,
                sample ? files.integer("top_k").orElse(PUBLISHED_TOP_K) : 0,
                sample ? files.number("top_p").orElse(1.0) : 1,
                sample ? 1 : files.integer("num_beams").orElse(1),
                files.number("length_penalty").orElse(greedy.lengthPenalty()),
                files.flag("early_stopping"),
                greedy.seed(),
                greedy.ignoreEos(),
                greedy.stop());
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
