package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import java.util.Arrays;

/**
 * Sorts a step's rows by expert: a counting sort into arrays that are reused. A row appears once for each of its
 * experts; within an expert, rows ascend. It must not be used by several threads at once.
 */
public final class ExpertOrder {
    private int[] starts = {};
    private int[] rows = {};
    private float[] factors = {};
    private float[] weightsOfRow = {};

    /**
     * Sorts the rows.
     *
     * @param weights {@code [rows, experts]}, zero if an expert is not chosen
     * @param held the experts that this rank holds, ascending
     * @param experts number of all experts
     */
    public void sort(Matrix weights, int rowCount, int[] held, int experts) {
        if (weightsOfRow.length < experts) {
            weightsOfRow = new float[experts];
        }
        if (starts.length < held.length + 2) {
            starts = new int[held.length + 2];
        }
        count(weights, rowCount, held, experts);
        int all = starts[held.length + 1];
        if (rows.length < all) {
            rows = new int[Math.max(all, 2 * rows.length)];
            factors = new float[rows.length];
        }
        for (int row = 0; row < rowCount; row++) {
            weights.slab().get(weights.at(row, 0), weightsOfRow, 0, experts);
            for (int i = 0; i < held.length; i++) {
                float weight = weightsOfRow[held[i]];
                if (weight != 0) {
                    int at = starts[i + 1]++;
                    rows[at] = row;
                    factors[at] = weight;
                }
            }
        }
    }

    /**
     * Stores the start of the i-th expert at index i + 1. Placing the expert's rows advances it to their end, which is
     * the start of the next one.
     */
    private void count(Matrix weights, int rowCount, int[] held, int experts) {
        Arrays.fill(starts, 0, held.length + 2, 0);
        for (int row = 0; row < rowCount; row++) {
            weights.slab().get(weights.at(row, 0), weightsOfRow, 0, experts);
            for (int i = 0; i < held.length; i++) {
                starts[i + 2] += weightsOfRow[held[i]] != 0 ? 1 : 0;
            }
        }
        for (int i = 1; i < held.length + 2; i++) {
            starts[i] += starts[i - 1];
        }
    }

    /** Index of the first row of the i-th held expert. */
    public int from(int i) {
        return starts[i];
    }

    /** The number of rows of the i-th held expert. */
    public int count(int i) {
        return starts[i + 1] - starts[i];
    }

    /** Row numbers, in sorted order. */
    int[] rows() {
        return rows;
    }

    /** Routing weights, in the same order. */
    float[] factors() {
        return factors;
    }
}
