package dev.lockstep.generate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows that have not started, in the order in which they should start. Pre-empted rows come first, in their running
 * order. Of the others, those that share a prefix with the row before them come first, and of these the longest, so
 * that no long row runs alone at the end. A row is overtaken by at most {@code window} later rows; then it is the next.
 * So at most {@code 2 * window - 1} rows start between a row's arrival and its own start.
 */
final class WaitingRows {
    /** How many rows are tried before all wait, because none fits. */
    private static final int TRIES = 4;

    /** Decides whether a row starts. */
    interface Gate {
        /** @param due whether no other row may start before it */
        boolean admits(Row row, boolean due);
    }

    private static final class Waiting {
        final Row row;
        final long arrival;
        final long size;
        final int beginning;
        int passedOver;

        Waiting(Row row, long arrival, long size, int beginning) {
            this.row = row;
            this.arrival = arrival;
            this.size = size;
            this.beginning = beginning;
        }
    }

    private final int window;
    private final int blockSize;
    private final ArrayDeque<Row> preempted = new ArrayDeque<>();
    /** The longest first, of equals the earlier. */
    private final List<Waiting> bySize = new ArrayList<>();

    private long arrivals;
    private int lastBeginning;

    /**
     * @param window rows that should wait at most
     * @param blockSize length of the common prefix from which rows are put one after the other; 0 without prefix
     *     sharing
     */
    WaitingRows(int window, int blockSize) {
        this.window = window;
        this.blockSize = blockSize;
    }

    boolean isEmpty() {
        return preempted.isEmpty() && bySize.isEmpty();
    }

    int size() {
        return preempted.size() + bySize.size();
    }

    /** @param size tokens that the row is expected to have at its end */
    void add(Row row, long size) {
        int at = bySize.size();
        // A window of 1 keeps the order of arrival.
        while (window > 1 && at > 0 && bySize.get(at - 1).size < size) {
            at--;
        }
        int beginning = blockSize == 0 ? 0 : row.sequence(0).beginning(blockSize);
        bySize.add(at, new Waiting(row, arrivals++, size, beginning));
    }

    /** Takes back a row that was running; those taken back together come latest first. */
    void addPreempted(Row row) {
        preempted.addFirst(row);
    }

    /** Removes and returns the next row that the gate admits; null when none is. */
    Row next(Gate gate) {
        if (!preempted.isEmpty()) {
            return gate.admits(preempted.peek(), true) ? preempted.poll() : null;
        }
        if (bySize.isEmpty()) {
            return null;
        }
        Waiting oldest = oldest();
        boolean due = oldest.passedOver >= window;
        if (due || window == 1) {
            return gate.admits(oldest.row, due) ? remove(oldest) : null;
        }
        Waiting found = first(gate);
        return found == null ? null : remove(found);
    }

    private Waiting first(Gate gate) {
        int tries = 0;
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < bySize.size() && tries < TRIES; i++) {
                Waiting each = bySize.get(i);
                if ((each.beginning == lastBeginning) == (pass == 0)) {
                    tries++;
                    if (gate.admits(each.row, false)) {
                        return each;
                    }
                }
            }
        }
        return null;
    }

    private Waiting oldest() {
        Waiting oldest = bySize.get(0);
        for (int i = 1; i < bySize.size(); i++) {
            oldest = bySize.get(i).arrival < oldest.arrival ? bySize.get(i) : oldest;
        }
        return oldest;
    }

    private Row remove(Waiting chosen) {
        bySize.remove(chosen);
        for (int i = 0; i < bySize.size(); i++) {
            Waiting other = bySize.get(i);
            other.passedOver += other.arrival < chosen.arrival ? 1 : 0;
        }
        lastBeginning = chosen.beginning;
        return chosen.row;
    }
}
