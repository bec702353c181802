package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.graph.KeySpans;
import java.util.List;

/**
 * What an attention over sets of keys computes on this rank: score = softCap(scale · (q·k + content terms)) + terms, one
 * softmax over the keys of all sets that a query sees.
 *
 * @param kvHeadOf the local key-value head of each local query head
 * @param kvHeads local key-value heads
 * @param softCap cap · tanh(s / cap) of the scaled product, or 0
 * @param sinks a logit per local query head that only adds to the softmax's denominator, or null
 */
public record SetAttentionSpec(
        int[] kvHeadOf,
        int kvHeads,
        int queryWidth,
        int valueWidth,
        float scale,
        float softCap,
        float[] sinks,
        List<Set> sets) {

    /** Which keys a query sees. */
    @FunctionalInterface
    public interface Seen {
        void spans(int position, int keys, KeySpans out);
    }

    /** What is added to the score of a key. */
    @FunctionalInterface
    public interface Term {
        float of(int head, int position, int key);
    }

    /**
     * Keys of one axis.
     *
     * @param bias by distance; null for none
     * @param terms other terms
     */
    public record Set(Seen seen, RelativeBias bias, List<Term> terms, List<Content> content) {
        public Set {
            terms = List.copyOf(terms);
            content = List.copyOf(content);
        }
    }

    /**
     * The product of a row's head, the query's or the key's, and the same head of a row of a table.
     *
     * @param ofQuery whose row
     * @param firstApart whether it is zero where query or key is the first row of its sequence
     * @param small whether the table has few rows: then all of them are multiplied at once
     */
    public record Content(boolean ofQuery, boolean firstApart, boolean small) {}

    public SetAttentionSpec {
        sets = List.copyOf(sets);
    }

    int heads() {
        return kvHeadOf.length;
    }
}
