package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.LogitRules;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;

/**
 * Applies {@link LogitRules} to this rank's part of the logits, in place, and remembers the original logits of the
 * entries. One object per rank; it must not be used by several threads at once.
 */
public final class LogitEdits {
    private final Workers workers;
    private final Workers.Task task = this::share;
    private float[] before = new float[0];
    private Matrix logits;
    private int rows;
    private int width;
    private int[] ids;
    private boolean contiguous;
    private LogitRules rules;

    public LogitEdits(Workers workers) {
        this.workers = workers;
    }

    /**
     * Changes the logits of every row that has rules.
     *
     * @param rowLogits plain {@code [rowCount, localVocabulary]}
     * @param globalIds the token of each column, ascending
     */
    public void apply(Matrix rowLogits, int rowCount, int localVocabulary, int[] globalIds, LogitRules rowRules) {
        logits = rowLogits;
        rows = rowCount;
        width = localVocabulary;
        ids = globalIds;
        rules = rowRules;
        contiguous = width > 0 && ids[width - 1] - ids[0] == width - 1;
        if (!rules.any()) {
            return;
        }
        if (before.length < rules.entries) {
            before = new float[Math.max(rules.entries, 2 * before.length)];
        }
        long touched = rules.entries + (rules.masks > 0 ? (long) rows * width : 0);
        workers.run(task, touched);
    }

    /**
     * The logit that a token had before {@link #apply}; {@code value} is its present logit. Only for tokens that this
     * rank holds.
     */
    public float before(int row, int token, float value) {
        for (int entry = rules.from[row]; entry < rules.to[row]; entry++) {
            if (rules.tokens[entry] == token) {
                return before[entry]; // the first entry of a token has the original logit
            }
        }
        return value;
    }

    private void share(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = (int) ((long) rows * worker / all); row < to; row++) {
            int at = logits.at(row, 0);
            adjust(row, at);
            if (rules.maskOf[row] != LogitRules.NO_MASK) {
                mask(rules.maskOf[row] * rules.maskWords, at);
            }
        }
    }

    private void adjust(int row, int at) {
        Slab slab = logits.slab();
        for (int entry = rules.from[row]; entry < rules.to[row]; entry++) {
            int column = column(rules.tokens[entry]);
            if (column >= 0) {
                float x = slab.get(at + column);
                before[entry] = x;
                float y = x + rules.bias[entry];
                float penalty = rules.penalty[entry];
                y = y > 0 ? y / penalty : y * penalty;
                slab.set(at + column, y - rules.offset[entry]);
            }
        }
    }

    /** A token's column; negative if this rank does not hold it. */
    private int column(int token) {
        if (!contiguous) {
            return Arrays.binarySearch(ids, 0, width, token);
        }
        int column = token - ids[0];
        return column < width ? column : -1;
    }

    private void mask(int bits, int at) {
        Slab slab = logits.slab();
        for (int column = 0; column < width; column++) {
            int token = ids[column];
            int word = token >>> 5;
            boolean allowed = word < rules.maskWords && (rules.maskBits[bits + word] >>> token & 1) != 0;
            if (!allowed) {
                slab.set(at + column, Float.NEGATIVE_INFINITY);
            }
        }
    }
}
