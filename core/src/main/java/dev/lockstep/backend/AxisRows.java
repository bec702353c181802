package dev.lockstep.backend;

import dev.lockstep.graph.Op;

/**
 * The rows of one axis that a step carries: those of all sequences flat, sequence after sequence. Arrays keep their
 * addresses; only the leading parts that the counts name are meaningful.
 */
public final class AxisRows {
    public int rows;
    public final int[] tokenIds;
    public final int[] positions;
    public final int[] tokenTypes;
    /** Where each sequence's rows begin, [sequences + 1]. */
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

    /** Adds a row to the sequence that is being written. */
    public void add(int tokenId, int position, int tokenType) {
        tokenIds[rows] = tokenId;
        positions[rows] = position;
        tokenTypes[rows++] = tokenType;
    }

    /** What a look-up is indexed by, [rows]. */
    public int[] indices(Op.IndexSource source) {
        return switch (source) {
            case TOKENS -> tokenIds;
            case POSITIONS -> positions;
            case TOKEN_TYPES -> tokenTypes;
        };
    }
}
