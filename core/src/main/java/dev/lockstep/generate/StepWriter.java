package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import java.util.Arrays;
import java.util.OptionalInt;

/** Writes sequences into a {@link StepInput}, one after another. Blocks for what is run are in the tables already. */
final class StepWriter {
    private final StepInput input;
    private final int blockSize;
    private final OptionalInt resetToken;

    /** @param resetToken a token that hides itself and all before it from later rows */
    StepWriter(StepInput input, int blockSize, OptionalInt resetToken) {
        this.input = input;
        this.blockSize = blockSize;
        this.resetToken = resetToken;
    }

    void begin(StepInput.Entry entry) {
        input.clear();
        input.entry = entry;
    }

    /**
     * Adds an encoder's input. Its cross-attention keys go into the blocks of {@code cross}; nothing is written where
     * that is empty.
     *
     * @param tokenTypes null for all 0
     */
    void source(int[] tokens, int[] tokenTypes, BlockTable cross) {
        int at = input.tokens;
        System.arraycopy(tokens, 0, input.tokenIds, at, tokens.length);
        for (int i = 0; i < tokens.length; i++) {
            input.positions[at + i] = i;
            input.firstKeys[at + i] = 0;
            input.tokenTypes[at + i] = tokenTypes == null ? 0 : tokenTypes[i];
            input.writeSlots[at + i] = cross.size() == 0 ? -1 : slot(cross, i);
        }
        input.promptLengths[input.sequences] = tokens.length;
        endSequence(tokens.length, tokens.length, null, cross, cross.size() == 0 ? 0 : tokens.length);
    }

    /** Adds the next {@code count} pending tokens of a sequence. */
    void tokens(Sequence sequence, int count, BlockTable cross, int crossLength) {
        int at = input.tokens;
        int first = sequence.computed();
        sequence.copyTo(first, count, input.tokenIds, at);
        Arrays.fill(input.tokenTypes, at, at + count, 0);
        for (int i = 0; i < count; i++) {
            input.positions[at + i] = first + i;
            input.writeSlots[at + i] = slot(sequence.table, first + i);
            input.firstKeys[at + i] =
                    resetToken.isPresent() ? sequence.firstVisible(first + i, resetToken.getAsInt()) : 0;
        }
        input.promptLengths[input.sequences] = sequence.promptLength();
        endSequence(count, first + count, sequence.table, cross, crossLength);
    }

    /** Asks for the outputs of the last {@code count} rows written. */
    void outputs(int count) {
        for (int row = input.tokens - count; row < input.tokens; row++) {
            input.outputRowIndex[input.outputRows] = row;
            input.gumbelTemperature[input.outputRows] = 0;
            input.massTemperature[input.outputRows] = 1;
            input.seeds[input.outputRows] = 0;
            input.sampleSteps[input.outputRows] = 0;
            input.outputRows++;
        }
    }

    private void endSequence(int count, int keys, BlockTable own, BlockTable cross, int crossLength) {
        int sequence = input.sequences++;
        input.tokens += count;
        input.queryOffsets[sequence + 1] = input.tokens;
        input.keyLengths[sequence] = keys;
        int ownStart = input.blockTableOffsets[sequence];
        int ownEnd = ownStart + (own == null ? 0 : own.size());
        int crossStart = input.crossTableOffsets[sequence];
        int crossEnd = crossStart + cross.size();
        input.ensureTables(ownEnd, crossEnd);
        if (own != null) {
            own.copyTo(input.blockTables, ownStart);
        }
        cross.copyTo(input.crossTables, crossStart);
        input.blockTableOffsets[sequence + 1] = ownEnd;
        input.crossTableOffsets[sequence + 1] = crossEnd;
        input.crossLengths[sequence] = crossLength;
    }

    private int slot(BlockTable table, int position) {
        return table.get(position / blockSize) * blockSize + position % blockSize;
    }
}
