package dev.lockstep.generate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Rows that wait to be embedded. A step takes the longest first and then any that still fit, so steps are full and the
 * last ones hold the short rows.
 */
final class EmbeddingWindow {

    /**
     * A row that can be run.
     *
     * @param tokens at most a step's
     */
    record Item(long id, int[] tokens) {}

    private final List<Item> waiting = new ArrayList<>();
    private boolean sorted = true;

    void add(Item item) {
        waiting.add(item);
        sorted = false;
    }

    int size() {
        return waiting.size();
    }

    /** Takes back a step's rows, which wait again. */
    void putBack(List<Item> step) {
        waiting.addAll(step);
        sorted = false;
    }

    /**
     * Moves the next step's rows to {@code step}, which is emptied before. A row longer than a step's tokens makes a step of
     * its own.
     */
    void take(int maxTokens, int maxSequences, List<Item> step) {
        step.clear();
        if (!sorted) {
            waiting.sort(
                    Comparator.comparingInt((Item item) -> item.tokens().length).reversed());
            sorted = true;
        }
        int left = maxTokens;
        int kept = 0;
        for (Item item : waiting) {
            boolean alone = step.isEmpty() && item.tokens().length > maxTokens;
            if (alone || item.tokens().length <= left && step.size() < maxSequences) {
                left -= item.tokens().length;
                step.add(item);
            } else {
                waiting.set(kept++, item);
            }
        }
        waiting.subList(kept, waiting.size()).clear();
    }
}
