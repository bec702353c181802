package dev.lockstep.backend.reference;

import dev.lockstep.graph.Op;

/** Layer norm and RMS norm, in double precision. */
final class Norm {
    /** Count, mean and sum of squared deviations from the mean. */
    record Moments(double count, double mean, double squares) {

        /** The moments of both sets of numbers together (Chan, Golub and LeVeque, 1979). */
        Moments and(Moments other) {
            if (other.count == 0) {
                return this;
            }
            double total = count + other.count;
            double delta = other.mean - mean;
            return new Moments(
                    total,
                    mean + delta * other.count / total,
                    squares + other.squares + delta * delta * count * other.count / total);
        }
    }

    private Norm() {}

    /**
     * @param from index of the first number
     * @param count number of numbers
     * @param counted which of them are included; null for all
     */
    static Moments moments(float[] values, int from, int count, boolean[] counted) {
        double n = 0;
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            if (counted == null || counted[i]) {
                n++;
                sum += values[i];
            }
        }
        double mean = n == 0 ? 0 : sum / n;
        double squares = 0;
        for (int i = from; i < from + count; i++) {
            if (counted == null || counted[i]) {
                squares += (values[i] - mean) * (values[i] - mean);
            }
        }
        return new Moments(n, mean, squares);
    }

    /** Normalises one number of a row. */
    static float apply(Op.Norm op, Moments moments, float value, float scale, float shift) {
        double variance = moments.squares() / moments.count();
        double normed =
                switch (op.kind()) {
                    case LAYER -> (value - moments.mean()) / Math.sqrt(variance + op.epsilon());
                    case RMS -> value / Math.sqrt(variance + moments.mean() * moments.mean() + op.epsilon());
                };
        return (float) (normed * scale + shift);
    }
}
