package dev.lockstep.verify;

import dev.lockstep.backend.Precision;
import dev.lockstep.generate.Scorer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Gathers what differs between computed and expected arrays of one folder at one degree. In fp32 every value must be
 * within the tolerance; in bf16 the root mean square error of an output over all cases must be below 3 % of its standard
 * deviation.
 */
final class Comparison {
    private static final double BF16_ERROR = 0.03;
    private static final double BF16_MARGIN = 0.25;

    private final Precision precision;
    private final List<String> failures = new ArrayList<>();
    private double largestDelta;
    private final Map<String, Spread> spreads = new TreeMap<>();
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
        boolean accepted = true;
        Spread spread = spreads.computeIfAbsent(name.substring(0, name.lastIndexOf('.')), output -> new Spread());
        for (int i = 0; i < expected.length; i++) {
            double delta = Math.abs((double) found[i] - expected[i]);
            // NaN compares false with everything: it must not pass.
            largestDelta = delta <= largestDelta ? largestDelta : delta;
            accepted &= Tolerance.FP32.accepts(found[i], expected[i]);
            spread.add(found[i], expected[i]);
        }
        if (precision == Precision.FP32 && !accepted) {
            failures.add(name + " differs by up to " + String.format(Locale.ROOT, "%.2e", largestDelta));
        }
    }

    /** Sums over all cases of one output, for its error as a share of its own spread. */
    private static final class Spread {
        private long count;
        private double sum;
        private double squares;
        private double errors;

        void add(double found, double expected) {
            count++;
            sum += expected;
            squares += expected * expected;
            errors += (found - expected) * (found - expected);
        }

        /** Root mean square error over standard deviation. */
        double error() {
            double mean = sum / count;
            double variance = squares / count - mean * mean;
            double scale = variance > 0 ? Math.sqrt(variance) : Math.max(1e-12, Math.abs(mean));
            return Math.sqrt(errors / count) / scale;
        }
    }

    /** The output with the largest error, in bf16: checked when all cases are in. */
    private double largestError() {
        double largest = 0;
        for (Map.Entry<String, Spread> entry : spreads.entrySet()) {
            double error = entry.getValue().error();
            largest = error <= largest ? largest : error;
        }
        return largest;
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
        return failures.isEmpty() && errorPasses();
    }

    private boolean errorPasses() {
        return precision == Precision.FP32 || largestError() < BF16_ERROR;
    }

    /** The columns of a report line that tell how close it was. */
    String summary() {
        String error = precision == Precision.FP32 ? "" : String.format(Locale.ROOT, " rms=%.2f%%", 100 * largestError());
        return String.format(
                Locale.ROOT, "max|delta|=%.2e%s greedy=%d/%d", largestDelta, error, greedyMatched, greedyTotal);
    }

    String failure() {
        return failures.isEmpty()
                ? ""
                : failures.get(0) + (failures.size() > 1 ? " (+" + (failures.size() - 1) + ")" : "");
    }
}
