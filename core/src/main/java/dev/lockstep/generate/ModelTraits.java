package dev.lockstep.generate;

import java.util.List;
import java.util.OptionalInt;

/**
 * The properties of a model that generation depends on.
 *
 * @param vocabularySize token ids are below this
 * @param eosTokens tokens that end a text; may be empty
 * @param decoderStart tokens a decoder of an encoder-decoder starts from (start token, forced language); else empty
 * @param padToken the padding token, where there is one
 * @param maxPositions most tokens of a decoder, prompt (or start) and new ones together; empty where positions are
 *     unlimited (rotary without table, relative)
 * @param maxSourcePositions most tokens of an encoder's input; empty where there is no end
 * @param resetToken a token that hides itself and all before it from later rows, where the model has one
 */
public record ModelTraits(
        Kind kind,
        int vocabularySize,
        List<Integer> eosTokens,
        List<Integer> decoderStart,
        OptionalInt padToken,
        OptionalInt maxPositions,
        OptionalInt maxSourcePositions,
        OptionalInt resetToken) {

    /** What the model's steps are. */
    public enum Kind {
        /** Continues a prompt. */
        DECODER,
        /** Encodes a source, then decodes from start tokens. */
        ENCODER_DECODER,
        /** Bidirectional: yields outputs for its input, generates nothing. */
        ENCODER
    }

    public ModelTraits {
        eosTokens = List.copyOf(eosTokens);
        decoderStart = List.copyOf(decoderStart);
        if (vocabularySize < 1) {
            throw new IllegalArgumentException("the vocabulary has " + vocabularySize + " tokens, expected at least 1");
        }
        if (kind == Kind.ENCODER_DECODER && decoderStart.isEmpty()) {
            throw new IllegalArgumentException("an encoder-decoder needs tokens its decoder starts from, found none: "
                    + "set decoder_start_token_id in generation_config.json or config.json");
        }
    }

    /** As most models are: no token hides others. */
    public ModelTraits(
            Kind kind,
            int vocabularySize,
            List<Integer> eosTokens,
            List<Integer> decoderStart,
            OptionalInt padToken,
            OptionalInt maxPositions,
            OptionalInt maxSourcePositions) {
        this(
                kind,
                vocabularySize,
                eosTokens,
                decoderStart,
                padToken,
                maxPositions,
                maxSourcePositions,
                OptionalInt.empty());
    }

    /** Traits of a model with the tokens of its configuration files. */
    public static ModelTraits of(
            Kind kind,
            int vocabularySize,
            GenerationDefaults defaults,
            OptionalInt maxPositions,
            OptionalInt maxSourcePositions,
            OptionalInt resetToken) {
        return new ModelTraits(
                kind,
                vocabularySize,
                defaults.eosTokens(),
                kind == Kind.ENCODER_DECODER ? defaults.decoderStart() : List.of(),
                defaults.padToken(),
                maxPositions,
                maxSourcePositions,
                resetToken);
    }

    public boolean encoderDecoder() {
        return kind == Kind.ENCODER_DECODER;
    }
}
