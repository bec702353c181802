package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.MemoryAccount;

/**
 * Where a rank's memory outside the heap comes from. Every block is entered in the rank's account before it is taken, and
 * leaves it when it is closed, whoever closes it. Safe for the threads of a rank.
 */
public final class Memory {
    /** Counts nothing: for what belongs to no rank. */
    public static final Memory UNCOUNTED = new Memory(null);

    private final MemoryAccount account;

    /** @param account that of the rank; null for none */
    public Memory(MemoryAccount account) {
        this.account = account;
    }

    /**
     * Takes zeroed memory.
     *
     * @param byteSize bytes, from 0 to {@link Slab#MAX_BYTES}
     * @param owner what holds it, for error messages and accounts
     * @throws IllegalArgumentException when the size is out of range
     * @throws dev.lockstep.backend.OutOfMemoryException when the system has no memory left, or the account
     */
    public Slab allocate(long byteSize, String owner) {
        return Slab.allocate(byteSize, owner, account);
    }

    /** Takes room for this many fp32 values; throws as {@link #allocate}. */
    public Slab floats(long count, String owner) {
        return allocate(count * Float.BYTES, owner);
    }

    /**
     * Enters what a native library is about to take by itself.
     *
     * @param bytes as far as can be told
     * @param purpose what it is for; few different ones
     * @throws dev.lockstep.backend.OutOfMemoryException when the account has not as much left
     */
    public LibraryMemory enter(long bytes, String purpose) {
        return LibraryMemory.enter(bytes, purpose, account);
    }

    /** Bytes that the account lacks so that as many can be entered; 0 when it lacks none. */
    public long lacking(long bytes) {
        return account == null ? 0 : Math.max(0, bytes - account.left());
    }
}
