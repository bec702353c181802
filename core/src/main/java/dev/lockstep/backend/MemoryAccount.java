package dev.lockstep.backend;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * What one rank holds of its device's memory, counted to the byte and by purpose, and never more than its limit. A
 * backend enters every block of memory that it takes. What libraries take on their own is entered beside that, as far as
 * it can be told: the reserve beside planned memory is there for it, and it counts against the limit alone. Safe for the
 * threads of a rank.
 */
public final class MemoryAccount {
    /** All bytes entered: held ones and those beside. */
    private final AtomicLong entered = new AtomicLong();

    private final AtomicLong held = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private final Map<String, AtomicLong> purposes = new ConcurrentHashMap<>();
    private volatile long limit;

    /** @param limit bytes that may be held at once */
    public MemoryAccount(long limit) {
        this.limit = limit;
    }

    /** An account that counts alone. */
    public static MemoryAccount unlimited() {
        return new MemoryAccount(Long.MAX_VALUE);
    }

    /**
     * Enters bytes that are about to be taken.
     *
     * @param purpose what they are for; few different ones
     * @throws OutOfMemoryException when more than the limit would be held, with all that is: nothing is entered then
     */
    public void take(long bytes, String purpose) {
        enter(bytes, purpose);
        peak.accumulateAndGet(held.addAndGet(bytes), Math::max);
    }

    /**
     * Enters bytes that a library is about to take for this rank.
     *
     * @throws OutOfMemoryException as {@link #take} does
     */
    public void takeBeside(long bytes, String purpose) {
        enter(bytes, purpose);
    }

    private void enter(long bytes, String purpose) {
        long now = entered.addAndGet(bytes);
        if (now > limit) {
            entered.addAndGet(-bytes);
            throw new OutOfMemoryException(
                    purpose + " of " + bytes + " bytes are more than is left of this rank's memory: "
                            + (now - bytes) + " of " + limit + " bytes are held (" + described()
                            + "): raise spark.lockstep.memoryBudget (--memory-budget; on executors"
                            + " spark.executor.memoryOverhead), lower spark.lockstep.maxBatchTokens or"
                            + " spark.lockstep.maxSequences, use dtype bf16, or raise tp");
        }
        purposes.computeIfAbsent(purpose, each -> new AtomicLong()).addAndGet(bytes);
    }

    /** Enters that bytes taken for this purpose were given back. */
    public void giveBack(long bytes, String purpose) {
        held.addAndGet(-bytes);
        leave(bytes, purpose);
    }

    /** Enters that a library gave back what it took for this purpose. */
    public void giveBackBeside(long bytes, String purpose) {
        leave(bytes, purpose);
    }

    private void leave(long bytes, String purpose) {
        entered.addAndGet(-bytes);
        purposes.get(purpose).addAndGet(-bytes);
    }

    /** Bytes held, without those of libraries. */
    public long held() {
        return held.get();
    }

    /** Bytes that libraries hold. */
    public long beside() {
        return entered.get() - held.get();
    }

    /** Bytes that may still be entered; negative when the limit was lowered below what is there. */
    public long left() {
        return limit - entered.get();
    }

    /** The most bytes held at once since the account was opened, or since {@link #resetPeak}. */
    public long peak() {
        return peak.get();
    }

    /** The peak counts from what is held now on. */
    public void resetPeak() {
        peak.set(held.get());
    }

    public long limit() {
        return limit;
    }

    /** From now on so many bytes may be held at once. */
    public void limitTo(long bytes) {
        limit = bytes;
    }

    /** Bytes entered by purpose, those of libraries too; purposes alone that hold any. */
    public Map<String, Long> byPurpose() {
        Map<String, Long> bytes = new TreeMap<>();
        purposes.forEach((purpose, sum) -> {
            if (sum.get() != 0) {
                bytes.put(purpose, sum.get());
            }
        });
        return bytes;
    }

    private String described() {
        return byPurpose().entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
