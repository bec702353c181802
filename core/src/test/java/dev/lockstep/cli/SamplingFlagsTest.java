package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.generate.Constraint;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Penalties;
import dev.lockstep.generate.Sampling;
import dev.lockstep.generate.Stopping;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class SamplingFlagsTest {
    private static final GenerationOptions SAMPLING =
            new GenerationOptions(20, 0.7, 50, 0.9, 1, 1, false, 0, false, List.of());
    private static final GenerationOptions BEAMS =
            new GenerationOptions(20, 0, 0, 1, 4, 0.6, true, 0, false, List.of());

    private static GenerationOptions options(GenerationOptions defaults, String... arguments) {
        return CommandLine.populateCommand(new SamplingFlags(), arguments).options(defaults);
    }

    @Test
    void nothingGivenIsTheCheckpointsWay() {
        assertThat(options(SAMPLING)).isEqualTo(SAMPLING);
        assertThat(options(BEAMS)).isEqualTo(BEAMS);
    }

    @Test
    void everyOptionIsHonoured() {
        GenerationOptions all = options(
                GenerationOptions.GREEDY,
                "--max-new-tokens=5",
                "--ignore-eos",
                "--temperature=0.5",
                "--top-k=7",
                "--top-p=0.8",
                "--seed=11",
                "--length-penalty=2",
                "--early-stopping",
                "--stop=\n",
                "--stop=END");

        assertThat(all).isEqualTo(new GenerationOptions(5, 0.5, 7, 0.8, 1, 2, true, 11, true, List.of("\n", "END")));
        assertThat(options(BEAMS, "--no-early-stopping").earlyStopping()).isFalse();
    }

    @Test
    void restrictionsPenaltiesAndConstraintsToo() {
        GenerationOptions all = options(
                SAMPLING,
                "--min-new-tokens=3",
                "--min-p=0.05",
                "--typical-p=0.9",
                "--n=4",
                "--stop-token-id=7",
                "--stop-token-id=8",
                "--logprobs=2",
                "--repetition-penalty=1.1",
                "--presence-penalty=0.5",
                "--frequency-penalty=-0.5",
                "--no-repeat-ngram-size=3",
                "--logit-bias=5=-100",
                "--logit-bias=6=2.5",
                "--regex=[a-z]+");

        assertThat(all.stopping()).isEqualTo(new Stopping(20, 3, false, List.of(), List.of(7, 8)));
        assertThat(all.sampling()).isEqualTo(new Sampling(0.7, 50, 0.9, 0.05, 0.9, 0, 4));
        assertThat(all.penalties()).isEqualTo(new Penalties(1.1, 0.5, -0.5, 3, Map.of(5, -100.0, 6, 2.5)));
        assertThat(all.constraint()).isEqualTo(new Constraint.Regex("[a-z]+"));
        assertThat(all.logprobs()).isEqualTo(2);
        assertThat(options(SAMPLING, "--choice=yes", "--choice=no").constraint())
                .isEqualTo(new Constraint.Choice(List.of("yes", "no")));
        assertThat(options(SAMPLING, "--json-schema={\"type\": \"null\"}").constraint())
                .isEqualTo(new Constraint.JsonSchema("{\"type\": \"null\"}"));
    }

    @Test
    void aConstraintIsSaidInOneWay() {
        assertThatThrownBy(() -> options(SAMPLING, "--choice=yes", "--regex=no"))
                .hasMessageContaining("--choice")
                .hasMessageContaining("mutually exclusive");
        assertThatThrownBy(() -> options(SAMPLING, "--json-schema=/no/such/file"))
                .hasMessageContaining("--json-schema /no/such/file is neither a schema nor a file");
    }

    @Test
    void whatIsGivenRulesTheOthersDefaultOut() {
        assertThat(options(BEAMS, "--temperature=1").numBeams()).isEqualTo(1);
        assertThat(options(SAMPLING, "--num-beams=3").temperature()).isZero();
        assertThat(options(SAMPLING, "--temperature=0").temperature()).isZero();
    }

    @Test
    void whatWouldHaveNoEffectIsRefused() {
        assertThatThrownBy(() -> options(GenerationOptions.GREEDY, "--top-k=5"))
                .hasMessage("--top-k has no effect at temperature 0 (greedy): give --temperature above 0 too");
        assertThatThrownBy(() -> options(GenerationOptions.GREEDY, "--num-beams=2", "--temperature=1"))
                .hasMessage("temperature is 1.0, expected 0 when num_beams is above 1");
    }
}
