package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.StepOutput;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The search step by step, on log-probabilities given by hand. */
class BeamSearchTest {
    private static final int EOS = 9;
    private static final ModelTraits TRAITS = new ModelTraits(
            ModelTraits.Kind.DECODER,
            10,
            List.of(EOS),
            List.of(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty());

    @Test
    void equalScoresGoToTheLowerBeamThenTheLowerToken() {
        BeamSearch search = search(options(1, false));
        search.advance(output(new int[] {1, 2, 3, 4}, new float[] {-1, -1, -2, -3}), 0, beam -> new int[0]);

        assertThat(search.live()).isEqualTo(2);
        assertThat(search.token(0)).isEqualTo(1);
        assertThat(search.token(1)).isEqualTo(2);

        search.advance(
                output(new int[] {5, 6, 7, 8, 3, 4, 5, 6}, new float[] {-1, -1, -2, -3, -1, -1, -2, -3}),
                0,
                beam -> new int[1]);
        assertThat(search.parent(0)).isZero();
        assertThat(search.token(0)).isEqualTo(5);
        assertThat(search.parent(1)).isZero();
        assertThat(search.token(1)).isEqualTo(6);
    }

    @Test
    void anEosBelowTheFirstBeamsIsNoHypothesis() {
        BeamSearch search = search(options(1, true));
        search.advance(output(new int[] {1, 2, EOS, 4}, new float[] {-1, -2, -3, -4}), 0, beam -> new int[0]);
        search.finish(beam -> new int[] {search.token(beam)});

        assertThat(search.best().tokens()).containsExactly(1);
        assertThat(search.best().end()).isEqualTo(Completion.Finish.LENGTH);
    }

    @Test
    void thePenaltyDividesByTheLengthWithEos() {
        BeamSearch search = search(options(2, true));
        search.advance(output(new int[] {EOS, 1, 2, 3}, new float[] {-1, -2, -5, -6}), 0, beam -> new int[0]);
        assertThat(search.done()).isFalse();
        assertThat(search.token(0)).isEqualTo(1);

        float[] second = {-1, -3, -4, -5, -9, -9.5f, -9.6f, -9.7f};
        search.advance(output(new int[] {EOS, 1, 2, 3, 4, 5, 6, 7}, second), 0, beam -> new int[] {beam + 1});

        assertThat(search.done()).as("two hypotheses, stopping early").isTrue();
        assertThat(search.best().sum()).isEqualTo(-3);
        assertThat(search.best().score()).isEqualTo(-3 / 4.0);
        assertThat(search.best().tokens()).containsExactly(1);
    }

    @Test
    void withoutEarlyStoppingABetterBeamGoesOn() {
        BeamSearch search = search(options(1, false));
        search.advance(output(new int[] {1, EOS, 2, 3}, new float[] {-0.1f, -3, -4, -6}), 0, beam -> new int[0]);
        float[] second = {-0.1f, -3, -4, -5, -9, -9.5f, -9.6f, -9.7f};
        search.advance(output(new int[] {1, EOS, 2, 3, 4, 5, 6, 7}, second), 0, beam -> new int[] {1});

        assertThat(search.done())
                .as("the best beam still beats both hypotheses")
                .isFalse();
    }

    private static BeamSearch search(GenerationOptions options) {
        return new BeamSearch(options, TRAITS, new Ending(options.stopping(), TRAITS), false);
    }

    private static GenerationOptions options(double lengthPenalty, boolean earlyStopping) {
        return new GenerationOptions(5, 0, 0, 1, 2, lengthPenalty, earlyStopping, 0, false, List.of());
    }

    /** Rows of four candidates; log-probabilities as logits of mass 1. */
    private static StepOutput output(int[] tokens, float[] logits) {
        return new StepOutput(tokens.length / 4, 4, tokens, logits, new float[tokens.length / 4]);
    }
}
