package dev.lockstep.graph;

/**
 * Angles of rotary positions: inverse frequencies, and what stretches them. Depends only on positions and, for some
 * kinds, on the length of the sequence at the time of the step.
 *
 * @param rotated features of a head that are turned, an even number
 * @param theta base of the frequencies
 * @param scaling how a longer context is reached
 */
public record RotaryTable(int rotated, double theta, RotaryScaling scaling) {

    public RotaryTable {
        if (rotated < 2 || rotated % 2 != 0) {
            throw new GraphException("rotary positions turn pairs of features, found " + rotated + " features to turn");
        }
    }

    /** True when angles change with the sequence's length, not only with the position. */
    public boolean dependsOnLength() {
        return scaling.dependsOnLength();
    }

    /** True when that length stays the prompt's while tokens are generated. */
    public boolean keepsPromptLength() {
        return scaling.keepsPromptLength();
    }

    /** Inverse frequencies [rotated / 2] for a sequence of this many tokens. */
    public double[] inverseFrequencies(int length) {
        return scaling.inverseFrequencies(rotated, theta, length);
    }

    /** What cosines and sines are multiplied by, for a sequence of this many tokens. */
    public double amplitude(int length) {
        return scaling.amplitude(length);
    }
}
