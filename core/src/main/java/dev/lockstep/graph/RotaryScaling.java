package dev.lockstep.graph;

import java.util.List;

/**
 * How rotary frequencies are scaled beyond the trained length. Formulas are those of the papers and published configs.
 */
public sealed interface RotaryScaling {

    /** Whether angles depend on the sequence's length as well as on the position. */
    default boolean dependsOnLength() {
        return false;
    }

    /**
     * Whether the length used is the prompt's, also for generated tokens. Otherwise a generated token uses the length
     * up to and including itself.
     */
    default boolean keepsPromptLength() {
        return false;
    }

    /** The factor on cosines and sines, for a sequence of this many tokens. */
    default double amplitude(int length) {
        return 1;
    }

    /** Inverse frequencies [rotated / 2] for a sequence of this many tokens. */
    double[] inverseFrequencies(int rotated, double theta, int length);

    private static double[] plain(int rotated, double theta) {
        double[] inverse = new double[rotated / 2];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = Math.pow(theta, -2.0 * i / rotated);
        }
        return inverse;
    }

    /** No scaling: RoFormer, section 3.2. */
    record None() implements RotaryScaling {
        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            return plain(rotated, theta);
        }
    }

    /** Divides positions by a factor. */
    record Linear(double factor) implements RotaryScaling {
        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            double[] inverse = plain(rotated, theta);
            for (int i = 0; i < inverse.length; i++) {
                inverse[i] /= factor;
            }
            return inverse;
        }
    }

    /** Increases the base with the length beyond the trained length (dynamic NTK). */
    record Dynamic(double factor, int trainedLength) implements RotaryScaling {
        @Override
        public boolean dependsOnLength() {
            return true;
        }

        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            double ratio = (double) Math.max(length, trainedLength) / trainedLength;
            double grown = factor * ratio - (factor - 1);
            return plain(rotated, theta * Math.pow(grown, rotated / (rotated - 2.0)));
        }
    }

    /** Increases the base by a fixed factor (NTK-aware): Hunyuan. */
    record Grown(double alpha) implements RotaryScaling {
        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            return plain(rotated, theta * Math.pow(alpha, rotated / (rotated - 2.0)));
        }
    }

    /**
     * Increases the base with the prompt length, in powers of two beyond the trained length: Qwen's first generation.
     */
    record PromptNtk(int trainedLength) implements RotaryScaling {
        @Override
        public boolean dependsOnLength() {
            return true;
        }

        @Override
        public boolean keepsPromptLength() {
            return true;
        }

        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            if (length <= trainedLength) {
                return plain(rotated, theta);
            }
            double doublings = Math.ceil(Math.log((double) length / trainedLength) / Math.log(2) + 1);
            double alpha = Math.max(Math.pow(2, doublings) - 1, 1);
            return plain(rotated, theta * Math.pow(alpha, rotated / (rotated - 2.0)));
        }
    }

    /**
     * LongRoPE (Ding et al. 2024): a divisor per frequency, with one list up to the trained length and another beyond
     * it.
     *
     * @param shortAmplitude of cosines and sines up to the trained length
     * @param longAmplitude beyond it
     */
    record LongRope(
            List<Double> shortFactors,
            List<Double> longFactors,
            int trainedLength,
            double shortAmplitude,
            double longAmplitude)
            implements RotaryScaling {
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
        }

        @Override
        public boolean dependsOnLength() {
            return true;
        }

        @Override
        public double amplitude(int length) {
            return length > trainedLength ? longAmplitude : shortAmplitude;
        }

        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            List<Double> factors = length > trainedLength ? longFactors : shortFactors;
            double[] inverse = plain(rotated, theta);
            for (int i = 0; i < inverse.length; i++) {
                inverse[i] /= factors.get(i);
            }
            return inverse;
        }
    }

    /** Llama 3: divides low frequencies, keeps high ones, and interpolates smoothly between them. */
    record Llama3(double factor, double lowFactor, double highFactor, int trainedLength) implements RotaryScaling {
        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            double[] inverse = plain(rotated, theta);
            for (int i = 0; i < inverse.length; i++) {
                double turns = trainedLength * inverse[i] / (2 * Math.PI);
                double smooth = Math.min(1, Math.max(0, (turns - lowFactor) / (highFactor - lowFactor)));
                inverse[i] *= smooth + (1 - smooth) / factor;
            }
            return inverse;
        }
    }

    /** YaRN (Peng et al. 2023), section 3.2: interpolation by wavelength, and a temperature on the attention scores. */
    record Yarn(double factor, int trainedLength, double betaFast, double betaSlow, boolean truncate, double magnitude)
            implements RotaryScaling {
        @Override
        public double amplitude(int length) {
            return magnitude;
        }

        @Override
        public double[] inverseFrequencies(int rotated, double theta, int length) {
            double[] inverse = plain(rotated, theta);
            double low = turnsAt(betaFast, rotated, theta);
            double high = turnsAt(betaSlow, rotated, theta);
            if (truncate) {
                low = Math.floor(low);
                high = Math.ceil(high);
            }
            low = Math.max(low, 0);
            high = Math.min(high, rotated - 1);
            double span = low == high ? 0.001 : high - low;
            for (int i = 0; i < inverse.length; i++) {
                double interpolated = Math.min(1, Math.max(0, (i - low) / span));
                inverse[i] *= (1 - interpolated) + interpolated / factor;
            }
            return inverse;
        }

        /** The feature pair whose angle makes this many turns over the trained length. */
        private double turnsAt(double turns, int rotated, double theta) {
            return rotated * Math.log(trainedLength / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }
    }
}
