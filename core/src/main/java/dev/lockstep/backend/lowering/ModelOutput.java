package dev.lockstep.backend.lowering;

import dev.lockstep.graph.RowAxis;

/**
 * An output of the model as the rank holds it.
 *
 * @param width features of the whole output
 * @param indices the features that each rank holds, by rank; null if every rank holds all
 */
public record ModelOutput(String name, RowAxis rows, int width, View view, int[][] indices) {}
