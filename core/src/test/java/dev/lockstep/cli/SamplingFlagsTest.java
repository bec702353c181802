package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.generate.GenerationOptions;
import java.util.List;
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
