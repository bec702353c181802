package dev.lockstep.backend;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/**
 * Counts the device memory that one rank holds, to the byte and by purpose. A backend enters every block of memory that
 * it allocates. Memory that libraries allocate on their own is entered separately, as far as it can be determined. It
 * counts against the limit only: the reserve beside planned memory is meant for it.
 *
 * <p>The threads of a rank may share an account:
 *
 * <ul>
 *   <li>All methods are safe for concurrent use.
 *   <li>No entry takes the total above the limit; an entry that would is refused.
 * </ul>
 */
public final class MemoryAccount {
    /** All bytes entered: those held and those of libraries. */
    private final AtomicLong entered = new AtomicLong();

    private final AtomicLong held = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private final Map<String, AtomicLong> purposes = new ConcurrentHashMap<>();
    private volatile long limit;

    /** @param limit bytes that may be held at once */
    public MemoryAccount(long limit) {
        this.limit = limit;
    }

    /** An account without a limit, which only counts. */
    public static MemoryAccount unlimited() {
        return new MemoryAccount(Long.MAX_VALUE);
    }

    /**
     * Enters bytes that are about to be allocated.
     *
     * @param purpose what they are for; there should be few different purposes
     * @throws OutOfMemoryException when the total would exceed the limit; nothing is entered then
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

    /** Records that bytes taken for this purpose were freed. */
    public void giveBack(long bytes, String purpose) {
        held.addAndGet(-bytes);
        leave(bytes, purpose);
    }

    /** Records that a library freed bytes taken for this purpose. */
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

    /** Bytes that may still be entered; negative if the limit was lowered below the total. */
    public long left() {
        return limit - entered.get();
    }

    /** The most bytes held at once since the account was opened, or since {@link #resetPeak}. */
    public long peak() {
        return peak.get();
    }

    /** Restarts the peak at the bytes held now. */
    public void resetPeak() {
        peak.set(held.get());
    }

    public long limit() {
        return limit;
    }

    /** Sets the limit: the bytes that may be held at once from now on. */
    public void limitTo(long bytes) {
        limit = bytes;
    }

    /** Bytes entered per purpose, including those of libraries. Purposes with 0 bytes are left out. */
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
