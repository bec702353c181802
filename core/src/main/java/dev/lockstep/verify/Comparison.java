package dev.lockstep.verify;

import dev.lockstep.backend.Precision;
import dev.lockstep.generate.Scorer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Gathers what differs between computed and expected arrays of one folder at one degree. In fp32 every value must be
 * within the tolerance; in bf16 the root mean square error of an array must be below 3 % of its standard deviation.
 */
final class Comparison {
    private static final double BF16_ERROR = 0.03;
    private static final double BF16_MARGIN = 0.25;

    private final Precision precision;
    private final List<String> failures = new ArrayList<>();
    private double largestDelta;
    private double largestError;
    private int greedyMatched;
    private int greedyTotal;

    Comparison(Precision precision) {
        this.precision = precision;
    }

    void arrays(String name, float[] found, float[] expected) {
        if (found.length != expected.length) {
            failures.add(name + " has " + found.length + " values, expected " + expected.length);
            return;
        }
        double squares = 0;
        boolean accepted = true;
        for (int i = 0; i < expected.length; i++) {
            double delta = Math.abs((double) found[i] - expected[i]);
            // NaN compares false with everything: it must not pass.
            largestDelta = delta <= largestDelta ? largestDelta : delta;
            accepted &= Tolerance.FP32.accepts(found[i], expected[i]);
            squares += delta * delta;
        }
        double error = Math.sqrt(squares / Math.max(1, expected.length)) / deviation(expected);
        largestError = error <= largestError ? largestError : error;
        boolean passes = precision == Precision.FP32 ? accepted : error < BF16_ERROR;
        if (!passes) {
            failures.add(name + " differs by up to " + String.format(Locale.ROOT, "%.2e", largestDelta));
        }
    }

    private static double deviation(float[] values) {
        double mean = 0;
        for (float value : values) {
            mean += value / (double) values.length;
        }
        double squares = 0;
        for (float value : values) {
            squares += (value - mean) * (value - mean);
        }
        double deviation = Math.sqrt(squares / Math.max(1, values.length));
        return deviation > 0 ? deviation : Math.max(1e-12, Math.abs(mean));
    }

    /** A mismatch passes where the reference's own margin is tiny; what follows it says nothing. */
    void greedy(String name, Scorer.Greedy found, float[] expected, float[] margins) {
        double tiny = precision == Precision.FP32 ? Tolerance.FP32.absolute() : BF16_MARGIN;
        for (int i = 0; i < expected.length; i++) {
            greedyTotal++;
            if (i < found.tokens().length && found.tokens()[i] == (int) expected[i]) {
                greedyMatched++;
                continue;
            }
            if (!(margins[i] <= tiny)) {
                failures.add(name + " differs at step " + i + ", where the reference's margin is " + margins[i]);
            }
            greedyTotal += expected.length - i - 1;
            return;
        }
    }

    /** Another best beam is right too if its summed log-probability equals the reference's. */
    void beam(String name, Scorer.Beam found, float[] expected, double expectedScore) {
        boolean same = found.tokens().length == expected.length;
        for (int i = 0; same && i < expected.length; i++) {
            same = found.tokens()[i] == (int) expected[i];
        }
        boolean equalScore = Math.abs(found.score() - expectedScore)
                <= (precision == Precision.FP32 ? 1e-3 : 5e-2) * Math.max(1, Math.abs(expectedScore));
        if (!same && !equalScore) {
            failures.add(name + " scores " + found.score() + ", the reference's best " + expectedScore);
        }
    }

    void fail(String reason) {
        failures.add(reason);
    }

    boolean passed() {
        return failures.isEmpty();
    }

    /** The columns of a report line that tell how close it was. */
    String summary() {
        String error = precision == Precision.FP32 ? "" : String.format(Locale.ROOT, " rms=%.2f%%", 100 * largestError);
        return String.format(Locale.ROOT, "max|delta|=%.2e%s greedy=%d/%d", largestDelta, error, greedyMatched, greedyTotal);
    }

    String failure() {
        return failures.isEmpty() ? "" : failures.get(0) + (failures.size() > 1 ? " (+" + (failures.size() - 1) + ")" : "");
    }
}
