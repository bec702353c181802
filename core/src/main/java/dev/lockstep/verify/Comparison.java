package dev.lockstep.verify;

import dev.lockstep.backend.CacheType;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Scorer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gathers what differs between computed and expected arrays of one folder at one degree. */
abstract class Comparison {
    private final List<String> failures = new ArrayList<>();
    private double largestDelta;

    /**
     * The rules for a data type: 8-bit integers, in weights or caches, are compared by choices, all other types by
     * values.
     *
     * @param expected all arrays of the folder
     */
    static Comparison of(Precision precision, CacheType caches, Map<String, float[]> expected) {
        return precision == Precision.INT8 || caches == CacheType.INT8
                ? new ChoiceComparison(expected)
                : new ValueComparison(precision);
    }

    /** One array, e.g. {@code logits.0}, of the found shape. */
    final void arrays(String name, StepOutput.Rows found, float[] expected) {
        if (found.values().length != expected.length) {
            fail(name + " has " + found.values().length + " values, expected " + expected.length);
            return;
        }
        for (int i = 0; i < expected.length; i++) {
            largestDelta = Math.max(largestDelta, Math.abs((double) found.values()[i] - expected[i]));
        }
        compare(name, found, expected);
    }

    /** An array of the expected length. */
    abstract void compare(String name, StepOutput.Rows found, float[] expected);

    /** @param margins the reference's best logit minus its second best, at each step */
    abstract void greedy(String name, Scorer.Greedy found, float[] expected, float[] margins);

    /** Whether another best beam of a summed log-probability is as good as the reference's of another. */
    abstract boolean sameScore(double found, double expected);

    /** Another best beam is right too if its summed log-probability is. */
    final void beam(String name, Scorer.Beam found, float[] expected, double expectedScore) {
        boolean same = found.tokens().length == expected.length;
        for (int i = 0; same && i < expected.length; i++) {
            same = found.tokens()[i] == (int) expected[i];
        }
        if (!same && !sameScore(found.score(), expectedScore)) {
            fail(name + " scores " + found.score() + ", the reference's best " + expectedScore);
        }
    }

    /** Choices that were compared; none where values are. */
    Agreement agreement() {
        return Agreement.NONE;
    }

    /** Judges what only all cases together tell; called once, when all are in. */
    abstract void finish();

    final void fail(String reason) {
        failures.add(reason);
    }

    final boolean passed() {
        return failures.isEmpty();
    }

    final double largestDelta() {
        return largestDelta;
    }

    /** The columns of a report line that tell how close it was. */
    abstract String summary();

    final String failure() {
        return failures.isEmpty()
                ? ""
                : failures.get(0) + (failures.size() > 1 ? " (+" + (failures.size() - 1) + ")" : "");
    }
}
