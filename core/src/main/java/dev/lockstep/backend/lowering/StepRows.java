package dev.lockstep.backend.lowering;

import dev.lockstep.backend.StepInput;
import dev.lockstep.graph.RowAxis;

/** Which rows of an axis a step runs. */
public final class StepRows {
    private StepRows() {}

    /** Rows of a step along an axis. */
    public static int count(RowAxis axis, StepInput input) {
        return switch (axis.picked()) {
            case ALL -> input.tokens;
            case OUTPUTS -> picksAll(input) ? input.tokens : input.outputRows;
            case FIRST -> input.sequences;
        };
    }

    /** The row of the whole axis that a row of a picked axis is. */
    public static int source(RowAxis axis, int row, StepInput input) {
        return switch (axis.picked()) {
            case ALL -> row;
            case OUTPUTS -> picksAll(input) ? row : input.outputRowIndex[row];
            case FIRST -> input.queryOffsets[row];
        };
    }

    /** An encoder's whole outputs are asked for without naming rows. */
    private static boolean picksAll(StepInput input) {
        return input.fullOutputs && input.entry == StepInput.Entry.ENCODE && input.outputRows == 0;
    }
}
