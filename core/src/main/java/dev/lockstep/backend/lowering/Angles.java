package dev.lockstep.backend.lowering;

import dev.lockstep.backend.StepInput;
import dev.lockstep.graph.RotaryTable;

/**
 * Cosines and sines of one kind of rotary positions. If angles depend on the position only, entries are indexed by
 * position and the table grows by doubling. If they also depend on the sequence's length, there is one entry per row of
 * the step, computed once per step for all layers.
 */
public final class Angles {
    private static final int FIRST_POSITIONS = 512;

    private final RotaryTable table;
    private final int half;
    private float[] cosines = new float[0];
    private float[] sines = new float[0];
    private int positions;
    private int[] rowNumbers = new int[0];
    private long preparedFor = -1;

    public Angles(RotaryTable table) {
        this.table = table;
        this.half = table.rotated() / 2;
    }

    /** Makes sure that every row of the step has an entry. A second call in the same step does nothing. */
    public void prepare(StepInput input, long step) {
        if (preparedFor == step) {
            return;
        }
        preparedFor = step;
        if (table.dependsOnLength()) {
            perRow(input);
        } else {
            int highest = 0;
            for (int row = 0; row < input.tokens; row++) {
                highest = Math.max(highest, input.positions[row]);
            }
            if (highest >= positions) {
                grow(highest + 1);
            }
        }
    }

    private void grow(int needed) {
        positions = Math.max(Math.max(FIRST_POSITIONS, needed), 2 * positions);
        cosines = new float[positions * half];
        sines = new float[positions * half];
        double[] inverse = table.inverseFrequencies(0);
        for (int position = 0; position < positions; position++) {
            fill(position, position, 0, inverse);
        }
    }

    private void perRow(StepInput input) {
        if (rowNumbers.length < input.tokens) {
            rowNumbers = new int[input.tokenIds.length];
            for (int row = 0; row < rowNumbers.length; row++) {
                rowNumbers[row] = row;
            }
            cosines = new float[rowNumbers.length * half];
            sines = new float[rowNumbers.length * half];
        }
        int madeFor = -1;
        double[] inverse = null;
        for (int sequence = 0; sequence < input.sequences; sequence++) {
            int prompt = input.promptLengths[sequence];
            for (int row = input.queryOffsets[sequence]; row < input.queryOffsets[sequence + 1]; row++) {
                int position = input.positions[row];
                int length = table.keepsPromptLength() ? prompt : Math.max(prompt, position + 1);
                if (length != madeFor) {
                    inverse = table.inverseFrequencies(length);
                    madeFor = length;
                }
                fill(row, position, length, inverse);
            }
        }
    }

    private void fill(int entry, int position, int length, double[] inverse) {
        double amplitude = table.amplitude(length);
        for (int pair = 0; pair < half; pair++) {
            // The reference takes fp32 products of position and frequency, then fp32 cosines.
            float angle = position * (float) inverse[pair];
            cosines[entry * half + pair] = (float) (Math.cos(angle) * amplitude);
            sines[entry * half + pair] = (float) (Math.sin(angle) * amplitude);
        }
    }

    /** [entries, rotated / 2]. */
    public float[] cosines() {
        return cosines;
    }

    /** [entries, rotated / 2]. */
    public float[] sines() {
        return sines;
    }

    /** The entry of each row of the step. */
    public int[] entries(StepInput input) {
        return table.dependsOnLength() ? rowNumbers : input.positions;
    }
}
