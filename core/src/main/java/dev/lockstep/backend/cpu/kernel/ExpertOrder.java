package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import java.util.Arrays;

/**
 * A step's rows in the order of the experts that they are for: a counting sort into arrays that are kept. A row appears
 * once for each of its experts, and within an expert rows ascend. Not for several threads at once.
 */
public final class ExpertOrder {
    private int[] starts = {};
    private int[] rows = {};
    private float[] factors = {};
    private float[] weightsOfRow = {};

    /**
     * Sorts.
     *
     * @param weights {@code [rows, experts]}, zero where an expert is not chosen
     * @param held the experts that this rank has, ascending
     * @param experts all of them
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

    /** Leaves the start of the i-th expert at i + 1: placing its rows moves that on to its end, the next one's start. */
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

    /** Where the rows of the i-th expert held begin. */
    public int from(int i) {
        return starts[i];
    }

    /** Rows of the i-th expert held. */
    public int count(int i) {
        return starts[i + 1] - starts[i];
    }

    /** Numbers of rows, in order. */
    int[] rows() {
        return rows;
    }

    /** Their weights. */
    float[] factors() {
        return factors;
    }
}
