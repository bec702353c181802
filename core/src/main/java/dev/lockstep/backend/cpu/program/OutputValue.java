package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.RowAxis;

/**
 * An output of the model as the rank holds it.
 *
 * @param indices the global features each rank holds, by rank; null when every rank holds all
 */
record OutputValue(String name, RowAxis rows, int width, Operand operand, int[][] indices) {}
