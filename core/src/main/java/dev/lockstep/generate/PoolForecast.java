package dev.lockstep.generate;

import java.util.Arrays;

/**
 * The most blocks that rows will hold together, if each goes on for as long as it is expected to. Rows grow side by side
 * and give back what they hold when they end, so the most is reached just before one of them does.
 */
final class PoolForecast {
    private final int blockSize;
    /** The tokens each row goes on for above its number: sorted, the shortest are first. */
    private final long[] order;

    private final int[] growing;
    private final int[] held;
    private int rows;

    /** @param most rows of a forecast */
    PoolForecast(int most, int blockSize) {
        this.blockSize = blockSize;
        this.order = new long[most];
        this.growing = new int[most];
        this.held = new int[most];
    }

    void clear() {
        rows = 0;
    }

    /**
     * Adds a row.
     *
     * @param remaining tokens it goes on for
     * @param tables block tables that grow with it
     * @param blocks what it holds now and gives back at its end
     */
    void add(int remaining, int tables, int blocks) {
        order[rows] = (long) remaining << 32 | rows;
        growing[rows] = tables;
        held[rows] = blocks;
        rows++;
    }

    /** @param used blocks that are held now */
    long most(long used) {
        Arrays.sort(order, 0, rows);
        long tables = 0;
        for (int row = 0; row < rows; row++) {
            tables += growing[row];
        }
        long most = used;
        long base = used;
        for (int i = 0; i < rows; i++) {
            int row = (int) order[i];
            long tokens = order[i] >>> 32;
            most = Math.max(most, base + (tokens * tables + blockSize - 1) / blockSize);
            tables -= growing[row];
            base -= held[row];
        }
        return most;
    }
}
