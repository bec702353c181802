package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.MemoryAccount;

/** Memory that a native library takes by itself for a rank: in the rank's account, beside its slabs, until it is closed. */
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

    static LibraryMemory enter(long bytes, String purpose, MemoryAccount account) {
        if (account != null) {
            account.takeBeside(bytes, purpose);
        }
        return new LibraryMemory(account, bytes, purpose);
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
