package dev.lockstep.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * What the models of one process may hold together outside the Java heap, and which holds how much of it: each is entered
 * with the most that it may ever hold, so that no model counts on memory that another has only not used yet. Belongs to
 * whoever owns the models. Safe for several threads; hold its monitor to look and enter at once.
 */
public final class ProcessLedger {
    private final LongSupplier room;
    private final List<Entry> entries = new ArrayList<>();
    /** Bytes for all models, as they were when the first of them came. */
    private long whole;

    /** @param room bytes that models may take now; those of the ledger's models may or may not be left out already */
    public ProcessLedger(LongSupplier room) {
        this.room = room;
    }

    /** One model's part. Leaves the ledger when it is closed. */
    public final class Entry implements AutoCloseable {
        private final String holder;
        private final long bytes;

        private Entry(String holder, long bytes) {
            this.holder = holder;
            this.bytes = bytes;
        }

        /** The most that the model may hold. */
        public long bytes() {
            return bytes;
        }

        /** The model holds nothing more; a second call does nothing. */
        @Override
        public void close() {
            synchronized (ProcessLedger.this) {
                entries.remove(this);
            }
        }
    }

    /** Bytes that no model may hold yet; not negative. */
    public synchronized long left() {
        long now = room.getAsLong();
        whole = entries.isEmpty() ? now : whole;
        return Math.max(0, Math.min(now, whole - held()));
    }

    /** Bytes that all models may hold together: what there was for them when the first came. */
    public synchronized long whole() {
        return whole;
    }

    /** Bytes of all entries. */
    public synchronized long held() {
        return entries.stream().mapToLong(Entry::bytes).sum();
    }

    public synchronized boolean isEmpty() {
        return entries.isEmpty();
    }

    /**
     * Enters a model. It is the caller's to see that there is room.
     *
     * @param holder the model's name, for errors
     */
    public synchronized Entry enter(String holder, long bytes) {
        Entry entry = new Entry(holder, bytes);
        entries.add(entry);
        return entry;
    }

    /** All that models may hold together, and who holds how much of it, for errors. */
    public synchronized String described() {
        return entries.stream()
                .map(entry -> entry.holder + " " + BlockBudget.size(entry.bytes))
                .collect(Collectors.joining(
                        ", ", "of " + BlockBudget.size(whole) + " for all models of this process others hold: ", ""));
    }
}
