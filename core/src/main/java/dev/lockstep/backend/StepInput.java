package dev.lockstep.backend;

import java.util.Arrays;

/**
 * Everything a rank must know to run one step. Rows of all sequences lie flat, without padding: sequence {@code s} has
 * the query rows {@code [queryOffsets[s], queryOffsets[s + 1])}. Arrays keep their addresses for the life of the
 * object; only the leading parts that the counts name are meaningful. Row {@code t} writes its key and value at cache
 * slot {@code writeSlots[t] = block * blockSize + offset}; key {@code j} of sequence {@code s} is read from block
 * {@code blockTables[blockTableOffsets[s] + j / blockSize]}.
 */
public final class StepInput {

    /** The entry point of the model that the step runs. */
    public enum Entry {
        /** Encoder rows: writes the cross-attention caches, or yields an encoder's outputs. */
        ENCODE,
        /** Decoder rows: reads and writes the caches, yields logits for the picked rows. */
        DECODE
    }

    public Entry entry = Entry.DECODE;
    public int sequences;
    public int tokens;
    public final int[] tokenIds;
    public final int[] positions;
    public final int[] tokenTypes;
    public final int[] queryOffsets;
    /** Keys each sequence attends over, those of this step included. */
    public final int[] keyLengths;

    public final int[] writeSlots;
    public final int[] blockTableOffsets;
    public int[] blockTables;
    /** Encoder positions each sequence's cross-attention reads; 0 where there is none. */
    public final int[] crossLengths;

    public final int[] crossTableOffsets;
    public int[] crossTables;
    /** How many rows' outputs are asked for, and which query rows they are, ascending. */
    public int outputRows;

    public final int[] outputRowIndex;
    /** Per output row: how many of the best tokens to return (at most {@link #candidates}). */
    public int candidates;
    /**
     * Per output row: 0 for the plain best tokens; above 0 for unrestricted sampling at that temperature, in which case
     * the first candidate is the row's draw by Gumbel noise keyed by seed, step and token.
     */
    public final float[] gumbelTemperature;

    public final long[] seeds;
    public final int[] sampleSteps;
    /** Whether whole outputs are to be returned (verification, encoders) instead of candidates. */
    public boolean fullOutputs;

    public StepInput(Limits limits) {
        this.tokenIds = new int[limits.maxTokens()];
        this.positions = new int[limits.maxTokens()];
        this.tokenTypes = new int[limits.maxTokens()];
        this.writeSlots = new int[limits.maxTokens()];
        this.queryOffsets = new int[limits.maxSequences() + 1];
        this.keyLengths = new int[limits.maxSequences()];
        this.blockTableOffsets = new int[limits.maxSequences() + 1];
        this.blockTables = new int[limits.maxSequences() * 4];
        this.crossLengths = new int[limits.maxSequences()];
        this.crossTableOffsets = new int[limits.maxSequences() + 1];
        this.crossTables = new int[limits.maxSequences()];
        this.outputRowIndex = new int[limits.maxOutputRows()];
        this.gumbelTemperature = new float[limits.maxOutputRows()];
        this.seeds = new long[limits.maxOutputRows()];
        this.sampleSteps = new int[limits.maxOutputRows()];
    }

    /** Empties the step, keeping the arrays. */
    public void clear() {
        sequences = 0;
        tokens = 0;
        outputRows = 0;
        candidates = 1;
        fullOutputs = false;
        queryOffsets[0] = 0;
        blockTableOffsets[0] = 0;
        crossTableOffsets[0] = 0;
    }

    /** Makes room for this many entries of all block tables together. */
    public void ensureTables(int own, int cross) {
        if (blockTables.length < own) {
            blockTables = Arrays.copyOf(blockTables, Math.max(own, blockTables.length * 2));
        }
        if (crossTables.length < cross) {
            crossTables = Arrays.copyOf(crossTables, Math.max(cross, crossTables.length * 2));
        }
    }
}
