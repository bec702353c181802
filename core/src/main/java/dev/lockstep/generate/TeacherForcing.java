package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.StepOutput.Rows;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Reach;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs given tokens and collects whole outputs. Cases run in batches, as many together as a step and the pool hold.
 * Encoder inputs are run whole; decoder tokens that a step does not hold take several steps.
 */
final class TeacherForcing {

    /** A case on its way. */
    private static final class Item {
        final int[] source;
        final int[] tokenTypes;
        /** Null where no decoder runs. */
        final Sequence sequence;

        final BlockTable cross = new BlockTable();
        final Map<String, Rows> outputs = new LinkedHashMap<>();
        float[] logits = new float[0];
        int logitRows;

        /** Tokens of the sequence that one step runs at most. */
        int stepTokens;

        Item(Scorer.Case from, boolean isDecoder, List<Reach> cacheGroups) {
            this.source = isDecoder ? null : from.inputIds();
            this.tokenTypes = from.tokenTypes();
            int[] target = isDecoder ? from.inputIds() : from.decoderIds();
            this.sequence = target == null ? null : new Sequence(target, cacheGroups);
        }

        int sourceLength() {
            return source == null ? 0 : source.length;
        }

        int targetLength() {
            return sequence == null ? 0 : sequence.length();
        }

        int pending() {
            return sequence == null ? 0 : sequence.pending();
        }
    }

    private final StepRunner runner;
    private final ModelTraits.Kind kind;
    private final int chunk;
    private final Limits limits;
    private final BlockManager blocks;
    private final StepWriter writer;

    TeacherForcing(StepRunner runner, ModelTraits traits, int chunk) {
        this.runner = runner;
        this.kind = traits.kind();
        this.limits = runner.limits();
        this.chunk = Math.min(chunk, Math.min(limits.maxTokens(), limits.maxOutputRows()));
        this.blocks = new BlockManager(limits.blocks(), limits.blockSize());
        this.writer = new StepWriter(runner.input(), limits.blockSize(), traits.resetToken());
    }

    List<Map<String, Rows>> outputs(List<Scorer.Case> cases) {
        List<Item> items = cases.stream()
                .map(each -> new Item(each, kind == ModelTraits.Kind.DECODER, limits.groups()))
                .toList();
        for (int next = 0; next < items.size(); ) {
            List<Item> wave = wave(items, next);
            run(wave);
            next += wave.size();
        }
        return items.stream().map(item -> item.outputs).toList();
    }

    /** The items from {@code first} on that run together, their blocks allocated; at least one. */
    private List<Item> wave(List<Item> items, int first) {
        List<Item> wave = new ArrayList<>();
        int sourceTokens = 0;
        for (int i = first; i < items.size() && wave.size() < limits.maxSequences(); i++) {
            Item item = items.get(i);
            sourceTokens += item.sourceLength();
            item.stepTokens = stepTokens(item);
            long needed = blocksOf(item, item.stepTokens);
            boolean fits = sourceTokens <= limits.maxTokens() && needed <= blocks.freeBlocks();
            if (!fits && wave.isEmpty()) {
                throw tooLarge(item, i);
            }
            if (!fits) {
                break;
            }
            if (kind == ModelTraits.Kind.ENCODER_DECODER) {
                blocks.append(item.cross, item.sourceLength());
            }
            if (item.sequence != null) {
                item.sequence.start(null, item.stepTokens, blocks);
            }
            wave.add(item);
        }
        return wave;
    }

    private long blocksOf(Item item, int count) {
        long cross = kind == ModelTraits.Kind.ENCODER_DECODER ? blocks.blocksFor(item.sourceLength()) : 0;
        return cross + limits.heldBlocks(item.targetLength(), count);
    }

    private int stepTokens(Item item) {
        int count = chunk;
        while (count > 1 && blocksOf(item, count) > blocks.blocks()) {
            count = (count + 1) / 2;
        }
        return count;
    }

    private void run(List<Item> wave) {
        if (kind != ModelTraits.Kind.DECODER) {
            writer.begin(EntryPoint.ENCODE);
            wave.forEach(item -> writer.source(item.source, item.tokenTypes, item.cross));
            runner.input().fullOutputs = true;
            split(runner.run(), wave);
        }
        while (wave.stream().anyMatch(item -> item.pending() > 0)) {
            decode(wave);
        }
        for (Item item : wave) {
            blocks.free(item.cross);
            if (item.sequence != null) {
                item.sequence.cache.free(blocks);
                int width = item.logits.length / Math.max(1, item.logitRows);
                item.outputs.put(StepOutput.LOGITS, new Rows(item.logitRows, width, item.logits));
            }
        }
    }

    private void decode(List<Item> wave) {
        writer.begin(EntryPoint.DECODE);
        int spare = Math.min(limits.maxTokens(), limits.maxOutputRows());
        List<Item> run = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (Item item : wave) {
            int count = Math.min(item.pending(), Math.min(item.stepTokens, spare));
            if (count > 0) {
                writer.tokens(item.sequence, count, item.cross, item.sourceLength());
                writer.outputs(count);
                run.add(item);
                counts.add(count);
                spare -= count;
            }
        }
        runner.input().fullOutputs = true;
        Rows logits = runner.run().full().get(StepOutput.LOGITS);
        int asked = runner.input().outputRows;
        if (logits == null || logits.rows() != asked) {
            throw new IllegalStateException("a step gave " + (logits == null ? "no" : logits.rows())
                    + " rows of logits, expected " + asked + ": one for each output row");
        }
        int row = 0;
        for (int i = 0; i < run.size(); i++) {
            Item item = run.get(i);
            int count = counts.get(i);
            append(item, logits, row, count);
            item.sequence.computed(count, item.stepTokens, blocks);
            row += count;
        }
    }

    private static void append(Item item, Rows logits, int row, int count) {
        int width = logits.width();
        if (item.logits.length == 0) {
            item.logits = new float[Math.multiplyExact(item.targetLength(), width)];
        }
        System.arraycopy(logits.values(), row * width, item.logits, item.logitRows * width, count * width);
        item.logitRows += count;
    }

    /** Gives each item its rows of the outputs: those of its tokens, or its share where there are as many for each. */
    private void split(StepOutput output, List<Item> wave) {
        StepInput input = runner.input();
        output.full().forEach((name, all) -> {
            boolean byToken = all.rows() == input.tokens;
            int share = all.rows() / wave.size();
            if (!byToken && share * wave.size() != all.rows()) {
                throw new IllegalStateException(
                        "output " + name + " has " + all.rows() + " rows, expected one for each of " + input.tokens
                                + " tokens, or as many for each of " + wave.size() + " sequences");
            }
            for (int s = 0; s < wave.size(); s++) {
                int first = byToken ? input.queryOffsets[s] : s * share;
                int rows = byToken ? input.queryOffsets[s + 1] - first : share;
                float[] values = new float[rows * all.width()];
                System.arraycopy(all.values(), first * all.width(), values, 0, values.length);
                wave.get(s).outputs.put(name, new Rows(rows, all.width(), values));
            }
        });
    }

    private IllegalArgumentException tooLarge(Item item, int index) {
        return new IllegalArgumentException("case " + index + " with " + item.sourceLength() + " encoder and "
                + item.targetLength() + " decoder tokens needs " + blocksOf(item, 1) + " cache blocks and a step of "
                + item.sourceLength() + " tokens, found " + blocks.blocks() + " blocks of " + blocks.blockSize()
                + " positions and " + limits.maxTokens()
                + " tokens: raise spark.lockstep.memoryBudget or spark.lockstep.maxBatchTokens");
    }
}
