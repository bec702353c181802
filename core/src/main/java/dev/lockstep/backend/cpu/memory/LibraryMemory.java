package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.MemoryAccount;

/**
 * Memory that a native library allocates by itself for a rank. It stays in the rank's account, separate from its slabs,
 * until this object is closed.
 */
public final class LibraryMemory implements AutoCloseable {
    /** Null without an account, and after close. */
    private MemoryAccount account;

    private final long bytes;
    private final String purpose;

    private LibraryMemory(MemoryAccount account, long bytes, String purpose) {
        this.account = account;
        this.bytes = bytes;
        this.purpose = purpose;
    }

    static LibraryMemory enter(long bytes, String purpose, MemoryAccount account) {
        if (account != null) {
            account.takeBeside(bytes, purpose);
        }
        return new LibraryMemory(account, bytes, purpose);
    }

    /** Records that the library has freed the memory. A second call does nothing. */
    @Override
    public void close() {
        if (account != null) {
            account.giveBackBeside(bytes, purpose);
            account = null;
        }
    }
}
