package dev.lockstep.backend;

import dev.lockstep.graph.Op;

/**
 * The rows of one row axis in a step. Rows of all sequences are stored flat, one sequence after another. The arrays are
 * allocated once for the limits and never replaced; only the leading parts given by the counts are valid.
 */
public final class AxisRows {
    public int rows;
    public final int[] tokenIds;
    public final int[] positions;
    public final int[] tokenTypes;
    /** Index of each sequence's first row, [sequences + 1]. */
    public final int[] offsets;

    AxisRows(Limits limits) {
        this.tokenIds = new int[limits.maxTokens()];
        this.positions = new int[limits.maxTokens()];
        this.tokenTypes = new int[limits.maxTokens()];
        this.offsets = new int[limits.maxSequences() + 1];
    }

    void clear() {
        rows = 0;
        offsets[0] = 0;
    }

    /** Adds a row to the sequence being written. */
    public void add(int tokenId, int position, int tokenType) {
        tokenIds[rows] = tokenId;
        positions[rows] = position;
        tokenTypes[rows++] = tokenType;
    }

    /** The indices that a look-up from this source reads, [rows]. */
    public int[] indices(Op.IndexSource source) {
        return switch (source) {
            case TOKENS -> tokenIds;
            case POSITIONS -> positions;
            case TOKEN_TYPES -> tokenTypes;
        };
    }
}
