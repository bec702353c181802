package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.checkpoint.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class GenerationDefaultsTest {

    @Test
    void generationConfigComesFirst() {
        GenerationDefaults defaults = read("{'eos_token_id': 2, 'pad_token_id': 0}", "{'eos_token_id': [5, 6]}");

        assertThat(defaults.eosTokens()).containsExactly(5, 6);
        assertThat(defaults.padToken()).hasValue(0);
        assertThat(defaults.options()).isEqualTo(GenerationOptions.GREEDY);
    }

    @Test
    void olderCheckpointsSayItInTheirConfig() {
        GenerationDefaults defaults = read(
                "{'is_encoder_decoder': true, 'decoder_start_token_id': 2, 'forced_bos_token_id': 8, 'eos_token_id': 2,"
                        + " 'num_beams': 4, 'length_penalty': 2.0, 'max_length': 142, 'early_stopping': true}",
                null);

        assertThat(defaults.decoderStart()).containsExactly(2, 8);
        assertThat(defaults.options()).isEqualTo(new GenerationOptions(142, 0, 0, 1, 4, 2, true, 0, false, List.of()));
    }

    @Test
    void samplingIsTakenOverOnlyWhereItIsMeant() {
        String values =
                "'temperature': 0.6, 'top_k': 20, 'top_p': 0.95, 'max_new_tokens': 7, 'early_stopping': 'never'";

        GenerationOptions sampled =
                read("{}", "{'do_sample': true, " + values + "}").options();
        GenerationOptions greedy = read("{}", "{" + values + "}").options();

        assertThat(sampled).isEqualTo(new GenerationOptions(7, 0.6, 20, 0.95, 1, 1, false, 0, false, List.of()));
        assertThat(greedy).isEqualTo(GenerationOptions.GREEDY.withMaxNewTokens(7));
    }

    @Test
    void penaltiesAndLeastLengthsAreTakenOver() {
        GenerationOptions summary = read(
                        "{'is_encoder_decoder': true, 'num_beams': 4, 'max_length': 142, 'min_length': 56,"
                                + " 'no_repeat_ngram_size': 3, 'repetition_penalty': 1.2}",
                        null)
                .options();
        GenerationOptions sampled = read(
                        "{}",
                        "{'do_sample': true, 'min_p': 0.1, 'typical_p': 0.9, 'min_new_tokens': 3, 'min_length': 9}")
                .options();

        assertThat(summary.stopping().minNewTokens())
                .as("min_length less the start token")
                .isEqualTo(55);
        assertThat(summary.penalties())
                .isEqualTo(Penalties.NONE.withNoRepeatNgram(3).withRepetition(1.2));
        assertThat(summary.numBeams()).isEqualTo(4);
        assertThat(sampled.sampling().minP()).isEqualTo(0.1);
        assertThat(sampled.sampling().typicalP()).isEqualTo(0.9);
        assertThat(sampled.stopping().minNewTokens()).isEqualTo(3);
    }

    @Test
    void whatIsNotHonouredIsNamed() {
        String generation =
                "{'suppress_tokens': [1, 2], 'bad_words_ids': [], 'guidance_scale': 1.0, 'num_beam_groups': 4,"
                        + " 'forced_eos_token_id': null, 'stop_strings': 'END', 'renormalize_logits': false}";

        assertThat(UnsupportedDefaults.of(
                        parse("config.json", "{'begin_suppress_tokens': [5]}"),
                        Optional.of(parse("generation_config.json", generation))))
                .containsExactly("begin_suppress_tokens", "num_beam_groups", "stop_strings", "suppress_tokens");
    }

    @Test
    void theStartFallsBackToTheFirstToken() {
        assertThat(read("{'bos_token_id': 1}", "{'decoder_start_token_id': null}")
                        .decoderStart())
                .containsExactly(1);
    }

    @Test
    void wrongTypesNameTheKey() {
        assertThatThrownBy(() -> read("{'eos_token_id': '</s>'}", null))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("eos_token_id");
    }

    @Test
    void anEncoderDecoderNeedsItsStart() {
        assertThatThrownBy(() -> ModelTraits.of(
                        ModelTraits.Kind.ENCODER_DECODER,
                        10,
                        read("{}", null),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty()))
                .hasMessageContaining("decoder_start_token_id");
    }

    private static GenerationDefaults read(String config, String generation) {
        return GenerationDefaults.read(
                parse("config.json", config),
                Optional.ofNullable(generation).map(json -> parse("generation_config.json", json)));
    }

    private static Config parse(String file, String json) {
        try {
            return new Config(file, new ObjectMapper().readTree(json.replace('\'', '"')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
