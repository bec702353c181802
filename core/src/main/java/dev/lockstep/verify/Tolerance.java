package dev.lockstep.verify;

/**
 * How far computed values may be from expected ones.
 *
 * @param absolute largest difference that always passes
 * @param relative largest difference as a share of the expected value
 */
record Tolerance(double absolute, double relative) {
    static final Tolerance FP32 = new Tolerance(1e-3, 1e-3);

    boolean accepts(double found, double expected) {
        double difference = Math.abs(found - expected);
        return difference <= absolute || difference <= relative * Math.abs(expected);
    }
}
