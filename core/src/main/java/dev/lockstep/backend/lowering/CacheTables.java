package dev.lockstep.backend.lowering;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepTables;

/**
 * Names the block tables of a step that belong to a cache.
 *
 * @param group the cache group; {@link #CROSS} for the caches of cross-attention
 */
public record CacheTables(int group) {
    private static final int CROSS = -1;

    /** The tables of cross-attention caches, whose keys and values come from the other row axis. */
    public static CacheTables cross() {
        return new CacheTables(CROSS);
    }

    public boolean isCross() {
        return group == CROSS;
    }

    public StepTables of(StepInput input) {
        return isCross() ? input.cross : input.groups[group];
    }

    /** The number of keys of each sequence in a step. */
    public int[] keyLengths(StepInput input) {
        return isCross() ? input.crossLengths : input.keyLengths;
    }
}
