package dev.lockstep.verify;

/** Sums over values of one output, for its error as a share of its own spread. */
final class Spread {
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

    /** Standard deviation of the expected values; where they are all the same, their magnitude. */
    double deviation() {
        double mean = sum / count;
        double variance = squares / count - mean * mean;
        return variance > 0 ? Math.sqrt(variance) : Math.max(1e-12, Math.abs(mean));
    }

    /** Root mean square error over standard deviation. */
    double error() {
        return Math.sqrt(errors / count) / deviation();
    }
}
