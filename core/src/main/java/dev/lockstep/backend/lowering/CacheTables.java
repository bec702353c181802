package dev.lockstep.backend.lowering;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepTables;

/**
 * Where a step says which blocks of a cache are whose.
 *
 * @param group the group of caches, {@link #CROSS} for those of cross-attention
 */
public record CacheTables(int group) {
    private static final int CROSS = -1;

    /** Those of keys and values of the other row axis. */
    public static CacheTables cross() {
        return new CacheTables(CROSS);
    }

    public boolean isCross() {
        return group == CROSS;
    }

    public StepTables of(StepInput input) {
        return isCross() ? input.cross : input.groups[group];
    }

    /** Keys that each of a step's sequences has. */
    public int[] keyLengths(StepInput input) {
        return isCross() ? input.crossLengths : input.keyLengths;
    }
}
