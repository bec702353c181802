package dev.lockstep.graph;

/**
 * Angles of rotary positions: inverse frequencies and their scaling. They depend on positions only and, for some kinds,
 * on the length of the sequence at the time of the step.
 *
 * @param rotated features of a head that are rotated; an even number
 * @param theta base of the frequencies
 * @param scaling how frequencies are scaled for a longer context
 */
public record RotaryTable(int rotated, double theta, RotaryScaling scaling) {

    public RotaryTable {
        if (rotated < 2 || rotated % 2 != 0) {
            throw new GraphException("rotary positions turn pairs of features, found " + rotated + " features to turn");
        }
    }

    /** Whether angles depend on the sequence's length as well as on the position. */
    public boolean dependsOnLength() {
        return scaling.dependsOnLength();
    }

    /** Whether the length used is the prompt's, also for generated tokens. */
    public boolean keepsPromptLength() {
        return scaling.keepsPromptLength();
    }

    /** Inverse frequencies [rotated / 2] for a sequence of this many tokens. */
    public double[] inverseFrequencies(int length) {
        return scaling.inverseFrequencies(rotated, theta, length);
    }

    /** The factor on cosines and sines, for a sequence of this many tokens. */
    public double amplitude(int length) {
        return scaling.amplitude(length);
    }
}
