package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.MemoryAccount;

/**
 * Memory that a native library takes by itself for a rank: entered in the account that the calling thread's slabs are
 * entered in (see {@link Slab#enterIn}), beside them, until it is closed.
 */
public final class LibraryMemory implements AutoCloseable {
    /** Null where nobody counts, and after close. */
    private MemoryAccount account;

    private final long bytes;
    private final String purpose;

    private LibraryMemory(MemoryAccount account, long bytes, String purpose) {
        this.account = account;
        this.bytes = bytes;
        this.purpose = purpose;
    }

    /**
     * Enters what a library is about to take.
     *
     * @param bytes as far as can be told
     * @param purpose what it is for; few different ones
     * @throws dev.lockstep.backend.OutOfMemoryException when the thread's account has not as much left
     */
    public static LibraryMemory enter(long bytes, String purpose) {
        MemoryAccount account = Slab.account();
        if (account != null) {
            account.takeBeside(bytes, purpose);
        }
        return new LibraryMemory(account, bytes, purpose);
    }

    /** Bytes that the calling thread's account lacks so that as many can be entered; 0 when it lacks none. */
    public static long lacking(long bytes) {
        MemoryAccount account = Slab.account();
        return account == null ? 0 : Math.max(0, bytes - account.left());
    }

    /** The library has given it back; a second call does nothing. */
    @Override
    public void close() {
        if (account != null) {
            account.giveBackBeside(bytes, purpose);
            account = null;
        }
    }
}
