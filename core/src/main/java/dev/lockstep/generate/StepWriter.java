package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepTables;
import dev.lockstep.graph.EntryPoint;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Writes sequences into a {@link StepInput}, one after another. The blocks for the tokens of the step are already in
 * the tables.
 */
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

    void begin(EntryPoint entry) {
        input.clear();
        input.entry = entry;
    }

    /** Restarts the same step: the block copies that it requested stay, whatever rows it will hold. */
    void beginAgain() {
        int copies = input.copyCount;
        input.clear();
        input.copyCount = copies;
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
            input.cross.writeSlots[at + i] = cross.size() == 0 ? -1 : slot(cross, i);
        }
        input.promptLengths[input.sequences] = tokens.length;
        endSequence(tokens.length, tokens.length, cross, cross.size() == 0 ? 0 : tokens.length);
    }

    /** Adds the next {@code count} pending tokens of a sequence. */
    void tokens(Sequence sequence, int count, BlockTable cross, int crossLength) {
        int at = input.tokens;
        int first = sequence.computed();
        sequence.copyTo(first, count, input.tokenIds, at);
        Arrays.fill(input.tokenTypes, at, at + count, 0);
        for (int i = 0; i < count; i++) {
            input.positions[at + i] = first + i;
        }
        if (resetToken.isPresent()) {
            sequence.firstVisible(first, count, resetToken.getAsInt(), input.firstKeys, at);
        } else {
            Arrays.fill(input.firstKeys, at, at + count, 0);
        }
        for (int group = 0; group < sequence.cache.groups(); group++) {
            BlockTable table = sequence.cache.table(group);
            int[] slots = input.groups[group].writeSlots;
            for (int i = 0; i < count; i++) {
                slots[at + i] = slot(table, first + i);
            }
            add(input.groups[group], table);
        }
        input.promptLengths[input.sequences] = sequence.promptLength();
        endSequence(count, first + count, cross, crossLength);
    }

    /** Asks for the outputs of the last {@code count} rows written. */
    void outputs(int count) {
        outputs(count, 1);
    }

    /** Asks for the outputs of the last {@code count} rows written, of each as often as {@code times}. */
    void outputs(int count, int times) {
        for (int row = input.tokens - count; row < input.tokens; row++) {
            for (int i = 0; i < times; i++) {
                input.outputRowIndex[input.outputRows] = row;
                input.best(input.outputRows++);
            }
        }
    }

    private void endSequence(int count, int keys, BlockTable cross, int crossLength) {
        add(input.cross, cross);
        input.endFurther();
        int sequence = input.sequences++;
        input.tokens += count;
        input.queryOffsets[sequence + 1] = input.tokens;
        input.keyLengths[sequence] = keys;
        input.crossLengths[sequence] = crossLength;
    }

    /** Adds the table of the sequence that is being written. */
    private void add(StepTables tables, BlockTable table) {
        int end = tables.entries + table.size() - table.first();
        tables.ensure(end);
        table.copyTo(tables.blocks, tables.entries);
        tables.starts[input.sequences] = tables.entries - table.first();
        tables.entries = end;
    }

    private int slot(BlockTable table, int position) {
        return table.get(position / blockSize) * blockSize + position % blockSize;
    }
}
