package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.Arrays;

/**
 * The largest number of blocks that rows are expected to hold together. Rows grow at the same pace, by a block of each
 * table for every {@code blockSize} tokens, and return all blocks when they end. The expectation for a row at a later
 * moment is what it would hold then, times the probability that it still runs. It is evaluated at several moments up to
 * the end of the row that may run longest.
 */
final class PoolForecast {
    private static final int MOMENTS = 16;
    /**
     * Standard deviations that are added to the expectation: the relative deviation of few rows is larger than that of
     * many.
     */
    private static final double MARGIN = 0.5;

    private final OutputLengths lengths;
    private final int blockSize;
    private final double[] expected = new double[MOMENTS];
    private final double[] variance = new double[MOMENTS];
    private int longest;

    PoolForecast(OutputLengths lengths, int blockSize) {
        this.lengths = lengths;
        this.blockSize = blockSize;
    }

    /**
     * Begins a forecast.
     *
     * @param tokens that any of its rows will generate still at most
     */
    void begin(int tokens) {
        longest = tokens;
        Arrays.fill(expected, 0);
        Arrays.fill(variance, 0);
    }

    /**
     * Adds a row.
     *
     * @param tables block tables that grow with it
     * @param blocks blocks that it holds now and returns at its end
     * @param room tokens for which these tables still have room
     */
    void add(Row row, int tables, int blocks, int room) {
        for (int moment = 0; moment < MOMENTS; moment++) {
            int tokens = tokens(moment);
            double lasts = lengths.lasts(row, tokens);
            if (lasts == 0) {
                return;
            }
            double held = blocks + Reach.blocks(Math.max(0, tokens - room), blockSize) * (double) tables;
            expected[moment] += lasts * held;
            variance[moment] += lasts * (1 - lasts) * held * held;
        }
    }

    private int tokens(int moment) {
        return (int) ((long) longest * (moment + 1) / MOMENTS);
    }

    /** Blocks held by all rows that were added, when these are most. */
    double most() {
        double most = 0;
        for (int moment = 0; moment < MOMENTS; moment++) {
            most = Math.max(most, expected[moment] + MARGIN * Math.sqrt(variance[moment]));
        }
        return most;
    }
}
