package dev.lockstep.verify;

import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Scorer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Compares the choices that follow from values: which token, label or position is best, and the direction of a vector.
 *
 * <ul>
 *   <li>Scores, of which the best is taken: at least 99 % of the positions where the reference's best is ahead of its
 *       second by more than 5 % of the scores' standard deviation must choose alike. Greedy steps are such positions,
 *       up to the first whose margin is smaller, since what follows it may be another text.
 *   <li>Hidden states, of which directions are used: each row's cosine with the reference's must be at least 0.995.
 *   <li>A row of one value, which has neither: the root mean square error over all cases must be below 10 % of the
 *       values' standard deviation, which is the length of the difference of unit vectors of that cosine.
 * </ul>
 */
final class ChoiceComparison extends Comparison {
    private static final double MARGIN = 0.05;
    private static final double BEAM = 0.05;
    private static final double COSINE = 0.995;
    private static final double SINGLE_ERROR = Math.sqrt(2 * (1 - COSINE));
    private static final List<String> DIRECTIONS = List.of("encoder", "hidden", "pooled");

    /** Spreads of the expected values: found values do not affect whether a position counts. */
    private final Spreads reference = new Spreads();

    private final Spreads spreads = new Spreads();
    private final Spreads singles = new Spreads();
    /** Whether all runs agreed at a position, by the position's name: cases run alone and together are the same cases. */
    private final Map<String, Boolean> choices = new HashMap<>();

    private double leastCosine = Double.POSITIVE_INFINITY;

    /** @param expected all arrays of the folder */
    ChoiceComparison(Map<String, float[]> expected) {
        expected.forEach((name, values) -> {
            Spread spread = reference.of(Spreads.output(name));
            for (float value : values) {
                spread.add(value, value);
            }
        });
    }

    @Override
    void compare(String name, StepOutput.Rows found, float[] expected) {
        String output = Spreads.output(name);
        boolean single = found.width() == 1 && !DIRECTIONS.contains(output);
        for (int i = 0; i < expected.length; i++) {
            spreads.of(output).add(found.values()[i], expected[i]);
            if (single) {
                singles.of(output).add(found.values()[i], expected[i]);
            }
        }
        for (int row = 0; row < found.rows() && !single; row++) {
            if (DIRECTIONS.contains(output)) {
                // The least of NaN and anything is NaN, which does not pass.
                leastCosine =
                        Math.min(leastCosine, cosine(found.values(), expected, row * found.width(), found.width()));
            } else {
                choice(name, row, found, expected);
            }
        }
    }

    private static double cosine(float[] found, float[] expected, int from, int width) {
        double product = 0;
        double foundSquares = 0;
        double expectedSquares = 0;
        for (int i = from; i < from + width; i++) {
            product += (double) found[i] * expected[i];
            foundSquares += (double) found[i] * found[i];
            expectedSquares += (double) expected[i] * expected[i];
        }
        return product / Math.sqrt(foundSquares * expectedSquares);
    }

    private void choice(String name, int row, StepOutput.Rows found, float[] expected) {
        int from = row * found.width();
        int best = best(expected, from, found.width(), -1);
        int second = best(expected, from, found.width(), best);
        if (expected[best] - expected[second] > margin(Spreads.output(name))) {
            note(name, row, best(found.values(), from, found.width(), -1) == best);
        }
    }

    private double margin(String output) {
        return MARGIN * reference.of(output).deviation();
    }

    private void note(String name, int position, boolean same) {
        choices.merge(name + " " + position, same, Boolean::logicalAnd);
    }

    /** Where the largest of some values is; -1 where one is no number. */
    private static int best(float[] values, int from, int width, int besides) {
        int best = -1;
        for (int i = from; i < from + width; i++) {
            if (Float.isNaN(values[i])) {
                return -1;
            }
            best = i != besides && (best < 0 || values[i] > values[best]) ? i : best;
        }
        return best;
    }

    @Override
    void greedy(String name, Scorer.Greedy found, float[] expected, float[] margins) {
        double bar = margin("logits");
        for (int i = 0; i < expected.length && margins[i] > bar; i++) {
            boolean same = i < found.tokens().length && found.tokens()[i] == (int) expected[i];
            note(name, i, same);
            if (!same) {
                return;
            }
        }
    }

    /** A search over a few beams may miss better ones, so a higher score passes too. */
    @Override
    boolean sameScore(double found, double expected) {
        return found >= expected - BEAM * Math.max(1, Math.abs(expected));
    }

    @Override
    Agreement agreement() {
        return new Agreement(
                choices.size(), choices.values().stream().filter(same -> same).count());
    }

    @Override
    void finish() {
        if (!agreement().passesButForOne()) {
            fail("agreement is below " + Agreement.BAR + "% by a position or more");
        }
        if (!(leastCosine >= COSINE)) {
            fail(String.format(Locale.ROOT, "a row's cosine is %.4f, expected at least %.3f", leastCosine, COSINE));
        }
        double error = singles.largestError();
        if (!(error < SINGLE_ERROR)) {
            fail(String.format(Locale.ROOT, "rms is %.2f%%, expected below %.0f%%", 100 * error, 100 * SINGLE_ERROR));
        }
    }

    @Override
    String summary() {
        String cosine = Double.isInfinite(leastCosine) ? "" : String.format(Locale.ROOT, " cosine>=%.4f", leastCosine);
        return String.format(
                Locale.ROOT,
                "max|delta|=%.2e rms=%.2f%% %s%s",
                largestDelta(),
                100 * spreads.largestError(),
                agreement(),
                cosine);
    }
}
