package dev.lockstep.verify;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Scorer;
import java.util.Locale;

/**
 * Compares values: in fp32 every one must be within the tolerance; in bf16 the root mean square error of an output over all
 * cases must be below 3 % of its standard deviation.
 */
final class ValueComparison extends Comparison {
    private static final double BF16_ERROR = 0.03;
    private static final double BF16_MARGIN = 0.25;

    private final boolean exact;
    private final Spreads spreads = new Spreads();
    private int greedyMatched;
    private int greedyTotal;

    ValueComparison(Precision precision) {
        this.exact = precision == Precision.FP32;
    }

    @Override
    void compare(String name, StepOutput.Rows found, float[] expected) {
        boolean accepted = true;
        Spread spread = spreads.of(Spreads.output(name));
        for (int i = 0; i < expected.length; i++) {
            accepted &= Tolerance.FP32.accepts(found.values()[i], expected[i]);
            spread.add(found.values()[i], expected[i]);
        }
        if (exact && !accepted) {
            fail(name + " differs by up to " + String.format(Locale.ROOT, "%.2e", largestDelta()));
        }
    }

    /** A mismatch passes where the reference's own margin is tiny; what follows it says nothing. */
    @Override
    void greedy(String name, Scorer.Greedy found, float[] expected, float[] margins) {
        double tiny = exact ? Tolerance.FP32.absolute() : BF16_MARGIN;
        for (int i = 0; i < expected.length; i++) {
            greedyTotal++;
            if (i < found.tokens().length && found.tokens()[i] == (int) expected[i]) {
                greedyMatched++;
                continue;
            }
            if (!(margins[i] <= tiny)) {
                fail(name + " differs at step " + i + ", where the reference's margin is " + margins[i]);
            }
            greedyTotal += expected.length - i - 1;
            return;
        }
    }

    @Override
    boolean sameScore(double found, double expected) {
        return Math.abs(found - expected) <= (exact ? 1e-3 : 5e-2) * Math.max(1, Math.abs(expected));
    }

    @Override
    void finish() {
        double error = spreads.largestError();
        if (!exact && !(error < BF16_ERROR)) {
            fail(String.format(Locale.ROOT, "rms is %.2f%%, expected below %.0f%%", 100 * error, 100 * BF16_ERROR));
        }
    }

    @Override
    String summary() {
        String error = exact ? "" : String.format(Locale.ROOT, " rms=%.2f%%", 100 * spreads.largestError());
        return String.format(
                Locale.ROOT, "max|delta|=%.2e%s greedy=%d/%d", largestDelta(), error, greedyMatched, greedyTotal);
    }
}
