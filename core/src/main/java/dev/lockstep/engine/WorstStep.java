package dev.lockstep.engine;

import dev.lockstep.backend.AxisRows;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepTables;
import dev.lockstep.graph.CacheSpec;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.Arrays;

/**
 * The steps of a model that take most memory, one for each entry point: as many tokens and outputs as a step may have,
 * in the longest possible sequences. All blocks of all sequences are the pool's first block, so that a pool of one
 * block is enough. The outputs are meaningless.
 */
final class WorstStep {
    private final Model model;
    private final Limits limits;
    private final StepInput input;
    /** Keys of a decoder's sequence. */
    private final int longest;

    /** @param longest tokens of a decoder's sequence at an ordinary length */
    WorstStep(Model model, Limits limits, int longest) {
        this.model = model;
        this.limits = limits;
        this.input = new StepInput(limits);
        this.longest = longest;
    }

    boolean encodes() {
        return model.task() != Model.Task.CAUSAL_LM;
    }

    boolean decodes() {
        return model.task().generates();
    }

    /** Sources as long as a step holds, or the model: what is computed over whole sources grows with them. */
    StepInput encode() {
        begin(EntryPoint.ENCODE);
        boolean cached = model.task() == Model.Task.SEQ2SEQ_LM;
        int length = sourceLength();
        while (input.tokens < limits.maxTokens() && input.sequences < limits.maxSequences()) {
            int count = Math.min(length, limits.maxTokens() - input.tokens);
            add(count, count, cached ? count : 0);
        }
        table(input.cross, Reach.blocks(length, limits.blockSize()));
        if (!cached) {
            Arrays.fill(input.cross.writeSlots, 0, input.tokens, -1);
            outputs();
        }
        return input;
    }

    /** As many sequences as a step may have, the tokens shared among them. */
    StepInput decode() {
        begin(EntryPoint.DECODE);
        int sequences = Math.min(limits.maxSequences(), limits.maxTokens());
        int source = model.task() == Model.Task.SEQ2SEQ_LM ? sourceLength() : 0;
        // What keeps a sequence's last row must have seen the one before.
        boolean fromStart = model.graph().nodes().stream()
                .flatMap(node -> CacheSpec.of(node).stream())
                .anyMatch(cache -> cache.kind() == CacheSpec.Kind.LAST_ROW);
        for (int sequence = 0; sequence < sequences; sequence++) {
            int left = (limits.maxTokens() - input.tokens) / (sequences - sequence);
            int count = Math.min(left, longest);
            add(count, fromStart ? count : longest, source);
        }
        for (StepTables group : input.groups) {
            table(group, Reach.blocks(longest, limits.blockSize()));
        }
        table(input.cross, Reach.blocks(source, limits.blockSize()));
        outputs();
        return input;
    }

    private int sourceLength() {
        return Math.min(limits.maxTokens(), model.maxPositions().orElse(Integer.MAX_VALUE));
    }

    private void begin(EntryPoint entry) {
        input.clear();
        input.entry = entry;
    }

    private void add(int count, int keys, int crossKeys) {
        for (int row = input.tokens; row < input.tokens + count; row++) {
            int position = keys - count + row - input.tokens;
            input.tokenIds[row] = 0;
            input.tokenTypes[row] = 0;
            input.firstKeys[row] = 0;
            input.positions[row] = position;
            for (StepTables group : input.groups) {
                group.writeSlots[row] = position % limits.blockSize();
            }
            input.cross.writeSlots[row] = position % limits.blockSize();
        }
        for (AxisRows axis : input.further) {
            for (int row = 0; row < count; row++) {
                axis.add(0, row, 0);
            }
        }
        input.endFurther();
        input.tokens += count;
        input.keyLengths[input.sequences] = keys;
        input.promptLengths[input.sequences] = keys;
        input.crossLengths[input.sequences] = crossKeys;
        input.queryOffsets[++input.sequences] = input.tokens;
    }

    /** The first block for all blocks of all sequences. */
    private void table(StepTables tables, int blocks) {
        tables.ensure(blocks);
        Arrays.fill(tables.blocks, 0, blocks, 0);
        Arrays.fill(tables.starts, 0, input.sequences, 0);
        tables.entries = blocks;
    }

    private void outputs() {
        input.outputRows = Math.min(limits.maxOutputRows(), input.tokens);
        for (int i = 0; i < input.outputRows; i++) {
            input.outputRowIndex[i] = input.tokens - input.outputRows + i;
            input.gumbelTemperature[i] = 0;
            input.massTemperature[i] = 1;
        }
    }
}
