package dev.lockstep.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.StepOutput.Rows;
import dev.lockstep.generate.Scorer;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What counts and what passes where choices are compared. */
class ChoiceComparisonTest {
    /** The deviation is about 1; the second row's margin is 0.01. */
    private static final float[] LOGITS = {2, 0, -1, 1, 1.01f, -1};

    private static ChoiceComparison compared(String name, int rows, float[] expected, float... found) {
        ChoiceComparison comparison = new ChoiceComparison(Map.of(name, expected));
        comparison.arrays(name, new Rows(rows, found.length / rows, found), expected);
        comparison.finish();
        return comparison;
    }

    @Test
    void onlySurePositionsCount() {
        ChoiceComparison comparison = compared("logits.0", 2, LOGITS, 1, 0, -1, 1, 0.5f, -1);
        assertThat(comparison.agreement()).isEqualTo(new Agreement(1, 1));
        assertThat(comparison.passed()).isTrue();
    }

    @Test
    void aPositionAgreesIfItDoesWheneverItIsRun() {
        ChoiceComparison comparison = new ChoiceComparison(Map.of("logits.0", LOGITS));
        comparison.arrays("logits.0", new Rows(2, 3, new float[] {0, 1, 0, 0, 1, 0}), LOGITS);
        comparison.arrays("logits.0", new Rows(2, 3, LOGITS), LOGITS);
        assertThat(comparison.agreement()).isEqualTo(new Agreement(1, 0));
    }

    @Test
    void onePositionMayDifferTwoOfAFewMayNot() {
        float[] expected = new float[200];
        for (int row = 0; row < 100; row++) {
            expected[2 * row] = 1;
        }
        float[] found = expected.clone();
        Arrays.fill(found, 0, 2, 0.5f);
        found[1] = 0.6f;
        assertThat(compared("logits.0", 100, expected, found).passed()).isTrue();
        found[3] = 1.1f;
        ChoiceComparison comparison = compared("logits.0", 100, expected, found);
        assertThat(comparison.passed()).isFalse();
        assertThat(comparison.summary()).contains("agreement=98/100 (98.00%)");
    }

    @Test
    void whatIsNoNumberAgreesWithNothing() {
        ChoiceComparison comparison = compared("logits.0", 2, LOGITS, Float.NaN, 0, -1, 1, 2, -1);
        assertThat(comparison.agreement()).isEqualTo(new Agreement(1, 0));
        float nan = Float.NaN;
        assertThat(compared("hidden.0", 1, new float[] {1, 2}, nan, 2).passed()).isFalse();
        assertThat(compared("logits.0", 2, new float[] {1, 2}, nan, 2).passed()).isFalse();
    }

    @Test
    void hiddenStatesPointTheSameWay() {
        float[] expected = {1, 0, 0, 3};
        assertThat(compared("hidden.0", 2, expected, 1, 0.09f, 0, 2).passed()).isTrue();
        ChoiceComparison away = compared("hidden.0", 2, expected, 1, 0.11f, 0, 3);
        assertThat(away.passed()).isFalse();
        assertThat(away.failure()).isEqualTo("a row's cosine is 0.9940, expected at least 0.995");
    }

    @Test
    void aValueAloneIsJudgedByItsError() {
        float[] expected = {-1, 1};
        assertThat(compared("logits.0", 2, expected, -0.95f, 1.05f).passed()).isTrue();
        assertThat(compared("logits.0", 2, expected, -0.85f, 1.15f).passed()).isFalse();
    }

    @Test
    void greedyStepsCountUpToTheFirstUnsureOne() {
        ChoiceComparison comparison = new ChoiceComparison(Map.of("logits.0", LOGITS));
        float[] margins = {1, 1, 0.01f, 1};
        comparison.greedy(
                "greedy.0", new Scorer.Greedy(new int[] {4, 5, 9, 9}, margins), new float[] {4, 5, 6, 7}, margins);
        assertThat(comparison.agreement()).isEqualTo(new Agreement(2, 2));
        comparison.greedy(
                "greedy.1", new Scorer.Greedy(new int[] {9, 5, 6, 7}, margins), new float[] {4, 5, 6, 7}, margins);
        assertThat(comparison.agreement()).isEqualTo(new Agreement(3, 2));
    }

    @Test
    void aBeamThatScoresMoreIsNoWorse() {
        ChoiceComparison comparison = new ChoiceComparison(Map.of());
        comparison.beam("beam.0", new Scorer.Beam(new int[] {1}, -5), new float[] {2}, -6);
        assertThat(comparison.passed()).isTrue();
        comparison.beam("beam.0", new Scorer.Beam(new int[] {1}, -7), new float[] {2}, -6);
        assertThat(comparison.passed()).isFalse();
    }
}
