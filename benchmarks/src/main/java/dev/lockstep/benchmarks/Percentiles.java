package dev.lockstep.benchmarks;

import java.util.List;

/** Order statistics. */
final class Percentiles {
    private Percentiles() {}

    /**
     * The smallest value that at least this share of all values does not exceed (nearest rank).
     *
     * @param sorted ascending, not empty
     * @param share above 0, at most 1
     */
    static double of(List<Double> sorted, double share) {
        int rank = (int) Math.ceil(share * sorted.size());
        return sorted.get(Math.max(1, rank) - 1);
    }
}
