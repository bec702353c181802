package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.graph.EntryPoint;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Continuous batching: which rows run, and what each step holds. Rows start when slots and blocks are free, in the
 * order of {@link WaitingRows}, if {@link Admission} admits them. A step runs the pending tokens of all running rows:
 * one for decoding rows and, with the remaining token budget, chunks of prefill. An encoder's sources run whole, in
 * separate steps, before their rows decode. After each step, blocks that windowed or chunked layers will not attend to
 * again are returned to the pool.
 *
 * <p>When the pool is exhausted, the row that started last returns its blocks and waits to be run again. The earliest
 * row is never blocked by others, so there is always progress; if it needs more than the pool by itself, it fails.
 *
 * <p>Invariants: running rows are in the order in which they started. Pre-empted rows had started after all of them and
 * will start again before any other. A running row has the blocks of its source and, until it has run the tokens known
 * at its start, all blocks to run them in steps of at most {@link Row#stepTokens}. The exception is blocks of windows
 * that it returned while others share them: it may have to take these from later rows.
 */
final class Scheduler {

    /** Where rows go when they leave. */
    interface Exit {
        /** The row has its result; its blocks are free. */
        void finished(Row row);

        /** The row cannot be run, for this reason; its blocks are free. */
        void failed(Row row, String reason);
    }

    private final Limits limits;
    private final boolean encoderDecoder;
    private final BlockManager blocks;
    private final OutputLengths lengths = new OutputLengths();
    private final Admission admission;
    private final StepBudget budget;
    private final Exit exit;
    private final StepInput input;
    private final StepWriter writer;
    /** Sequences all running rows may have together. */
    private final int slots;

    private final int window;
    private final WaitingRows waiting;
    private final WaitingRows.Gate gate = this::admits;
    private final List<Row> running = new ArrayList<>();
    private int usedSlots;
    /** Whether no waiting row could start, and nothing has happened since that would let one. */
    private boolean full;

    private long sharedTokens;
    private long preemptions;

    /** The rows of the current step; for each the tokens of each of its sequences, and its first output row or -1. */
    private final List<Row> stepRows = new ArrayList<>();

    private final int[] stepTokens;
    private final int[] stepOutputs;

    /** @param input filled by {@link #fill} */
    Scheduler(Limits limits, StepInput input, ModelTraits traits, Batching batching, Exit exit) {
        this.limits = limits;
        this.input = input;
        this.encoderDecoder = traits.encoderDecoder();
        this.exit = exit;
        // The keys of an encoder-decoder's decoder depend on its source too.
        boolean shares = batching.sharesPrefixes() && !encoderDecoder;
        this.blocks = new BlockManager(
                limits.blocks(),
                limits.blockSize(),
                shares
                        ? new PrefixIndex(
                                limits.blocks(),
                                limits.blockSize(),
                                limits.groups().size())
                        : null);
        this.writer = new StepWriter(input, limits.blockSize(), traits.resetToken());
        this.slots = slots(limits);
        this.window = batching.window();
        this.waiting = new WaitingRows(window, shares ? limits.blockSize() : 0);
        int chunk = Math.min(batching.chunk(), limits.maxTokens());
        this.budget = new StepBudget(limits.maxTokens());
        this.admission = new Admission(limits, chunk, blocks, lengths);
        this.stepTokens = new int[slots];
        this.stepOutputs = new int[slots];
    }

    /** Sequences that can run at once: each needs a token and an output row of a step. */
    static int slots(Limits limits) {
        return Math.min(limits.maxSequences(), Math.min(limits.maxOutputRows(), limits.maxTokens()));
    }

    /** Whether another row would start now, if there are blocks for it, or can wait with others for its turn. */
    boolean wantsMore() {
        return waiting.size() < (isOpen() ? window : window - 1);
    }

    boolean idle() {
        return waiting.isEmpty() && running.isEmpty();
    }

    /** Tokens that were not run because a shared prefix holds their keys. */
    long sharedTokens() {
        return sharedTokens;
    }

    /** How often a row gave its blocks back to be run again. */
    long preemptions() {
        return preemptions;
    }

    /** Takes over a row, or fails it at once if it can never be run. */
    void submit(Row row) {
        String refusal = Refusals.of(row, limits);
        if (refusal != null) {
            exit.failed(row, refusal);
            return;
        }
        full = false;
        lengths.update(running);
        waiting.add(row, row.prompt.sourceLength() + row.prompt.start().length + (long) lengths.expected(row.options));
        if (waiting.size() >= window) {
            admit();
        }
    }

    /** Fills the next step; false when there is nothing to run. */
    boolean fill() {
        admit();
        stepRows.clear();
        if (encoderDecoder && fillSources()) {
            return true;
        }
        fillTokens();
        return !stepRows.isEmpty();
    }

    /** Whether the step must be run again, with more candidates; the input is changed so. */
    boolean askAgain(StepOutput output) {
        boolean again = false;
        for (int i = 0; i < stepRows.size(); i++) {
            Row row = stepRows.get(i);
            if (stepOutputs[i] >= 0 && row.needsMore(output, stepOutputs[i])) {
                row.askMore(input);
                again = true;
            }
        }
        input.repeated = again;
        return again;
    }

    /** Takes the outputs of the step: rows get their next tokens or leave. */
    void advance(StepOutput output) {
        budget.ran();
        boolean left = false;
        for (int i = 0; i < stepRows.size(); i++) {
            Row row = stepRows.get(i);
            if (input.entry == EntryPoint.ENCODE) {
                row.encoded = true;
                full = false;
                continue;
            }
            // A beginning that others wait for may be there now.
            full &= stepTokens[i] == 1 && stepOutputs[i] >= 0;
            row.computed(stepTokens[i], blocks);
            if (stepOutputs[i] >= 0) {
                row.advance(output, stepOutputs[i], blocks);
                left |= row.finish() != null;
            }
        }
        if (left) {
            removeFinished();
        }
    }

    private void removeFinished() {
        for (Iterator<Row> rows = running.iterator(); rows.hasNext(); ) {
            Row row = rows.next();
            if (row.finish() != null) {
                rows.remove();
                leave(row);
                lengths.finished(row);
                exit.finished(row);
            }
        }
    }

    private void leave(Row row) {
        row.release(blocks);
        usedSlots -= row.slots();
        full = false;
    }

    /**
     * Whether rows may be admitted at all. Prompts beyond one step's tokens would hold blocks without running. Sources
     * are admitted several at a time, since a step for one row costs about as much as a step for many.
     */
    private boolean isOpen() {
        if (usedSlots >= slots) {
            return false;
        }
        int unstarted = 0;
        for (int i = running.size() - 1; i >= 0; i--) {
            Row row = running.get(i);
            unstarted += encoderDecoder
                    ? (row.encoded ? 0 : row.prompt.sourceLength())
                    : row.sequence(0).pending();
        }
        boolean collecting = !encoderDecoder || unstarted > 0 || running.isEmpty() || (slots - usedSlots) * 8 >= slots;
        return collecting && unstarted < limits.maxTokens();
    }

    private void admit() {
        while (!full && isOpen()) {
            Row row = waiting.next(gate);
            if (row == null) {
                full = true;
                return;
            }
            if (!admission.isPossible()) {
                exit.failed(row, Refusals.grown(row, blocks));
                continue;
            }
            sharedTokens += admission.start(row);
            running.add(row);
            usedSlots += row.slots();
        }
    }

    private boolean admits(Row row, boolean due) {
        return usedSlots + row.slots() <= slots && sourceFits(row) && admission.admits(row, running, due);
    }

    private boolean sourceFits(Row row) {
        int tokens = row.prompt.sourceLength();
        for (int i = running.size() - 1; i >= 0 && !running.get(i).encoded; i--) {
            tokens += running.get(i).prompt.sourceLength();
        }
        return tokens <= limits.maxTokens();
    }

    private boolean fillSources() {
        writer.begin(EntryPoint.ENCODE);
        for (int i = 0; i < running.size(); i++) {
            Row row = running.get(i);
            if (!row.encoded && holdsSource(row)) {
                addSource(row);
            }
        }
        return !stepRows.isEmpty();
    }

    private boolean holdsSource(Row row) {
        return stepRows.isEmpty() || input.tokens + row.prompt.sourceLength() <= budget.tokens();
    }

    private void addSource(Row row) {
        writer.source(row.prompt.source(), null, row.cross);
        add(row, 0, -1);
    }

    private void fillTokens() {
        writer.begin(EntryPoint.DECODE);
        // Every running sequence has one token of the step; prompts share the rest.
        int later = 0;
        for (int i = 0; i < running.size(); i++) {
            later += running.get(i).sequences();
        }
        for (int i = 0; i < running.size(); i++) {
            Row row = running.get(i);
            int left = budget.tokens() - input.tokens;
            if (left < row.sequences() && !stepRows.isEmpty()) {
                return; // after a step ran out of memory, there may be more rows than a step holds
            }
            later -= row.sequences();
            int spare = Math.max(0, left - row.sequences() - later);
            int count = Math.min(row.sequence(0).pending(), Math.min(1 + spare, row.stepTokens()));
            if (!makeRoom(row, count)) {
                return; // it was the last one
            }
            addTokens(row, count);
        }
    }

    private void addTokens(Row row, int count) {
        boolean yields = count == row.sequence(0).pending();
        add(row, count, yields ? input.outputRows : -1);
        for (int s = 0; s < row.sequences(); s++) {
            write(row, row.sequence(s), count, yields);
        }
        if (yields) {
            row.ask(input, stepOutputs[stepRows.size() - 1]);
        }
    }

    /**
     * Reduces this step and the following ones after it ran out of memory. Its rows have not advanced; those left out
     * are in the next steps. False when it cannot be smaller.
     */
    boolean shrink() {
        int before = input.tokens;
        budget.failed(before);
        List<Row> rows = List.copyOf(stepRows);
        stepRows.clear();
        writer.beginAgain();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (input.entry == EntryPoint.ENCODE) {
                if (!holdsSource(row)) {
                    break;
                }
                addSource(row);
                continue;
            }
            int left = (budget.tokens() - input.tokens) / row.sequences();
            if (left < 1 && !stepRows.isEmpty()) {
                break;
            }
            addTokens(row, Math.max(1, Math.min(left, stepTokens[i])));
        }
        return input.tokens < before;
    }

    private void write(Row row, Sequence sequence, int count, boolean yields) {
        for (int group = 0; group < sequence.cache.groups(); group++) {
            BlockTable table = sequence.cache.table(group);
            if (blocks.isShared(table, sequence.computed())) {
                int shared = table.last();
                input.copy(shared, blocks.unshare(table));
            }
        }
        sequence.cache.append(sequence.computed() + count, blocks);
        writer.tokens(sequence, count, row.cross, row.prompt.sourceLength());
        if (yields) {
            writer.outputs(1, row.outputs());
        }
    }

    private void add(Row row, int tokens, int firstOutput) {
        stepTokens[stepRows.size()] = tokens;
        stepOutputs[stepRows.size()] = firstOutput;
        stepRows.add(row);
    }

    /**
     * Frees blocks for the row's next tokens by pre-empting the latest rows. Rows of the step so far arrived earlier
     * and are never touched, so the copies they asked for stay valid. False when the row itself had to go.
     */
    private boolean makeRoom(Row row, int count) {
        while (!blocks.canAllocate(row.neededBlocks(count, blocks))) {
            Row last = running.remove(running.size() - 1);
            if (running.isEmpty()) {
                leave(last);
                exit.failed(last, Refusals.grown(last, blocks));
                return false;
            }
            last.preempt(blocks);
            preemptions++;
            usedSlots -= last.slots();
            full = false;
            waiting.addPreempted(last);
            if (last == row) {
                return false;
            }
        }
        return true;
    }
}
