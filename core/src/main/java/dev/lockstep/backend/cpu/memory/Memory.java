package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.MemoryAccount;

/**
 * Allocates a rank's memory outside the heap. Every block is entered in the rank's account before it is allocated, and
 * removed when it is closed, by whichever code closes it. Safe for concurrent use by the threads of a rank.
 */
public final class Memory {
    /** Without an account: for memory that belongs to no rank. */
    public static final Memory UNCOUNTED = new Memory(null);

    private final MemoryAccount account;

    /** @param account the rank's account; null for none */
    public Memory(MemoryAccount account) {
        this.account = account;
    }

    /**
     * Allocates zeroed memory.
     *
     * @param byteSize bytes, from 0 to {@link Slab#MAX_BYTES}
     * @param owner what it is for, as shown in error messages and accounts
     * @throws IllegalArgumentException when the size is out of range
     * @throws dev.lockstep.backend.OutOfMemoryException when the system or the account has not enough memory left
     */
    public Slab allocate(long byteSize, String owner) {
        return Slab.allocate(byteSize, owner, account);
    }

    /** Allocates room for this many fp32 values; throws as {@link #allocate}. */
    public Slab floats(long count, String owner) {
        return allocate(count * Float.BYTES, owner);
    }

    /**
     * Enters memory that a native library is about to allocate by itself.
     *
     * @param bytes as far as it can be determined
     * @param purpose what it is for; there should be few different purposes
     * @throws dev.lockstep.backend.OutOfMemoryException when the account has not enough memory left
     */
    public LibraryMemory enter(long bytes, String purpose) {
        return LibraryMemory.enter(bytes, purpose, account);
    }

    /** How many of these bytes the account has not left; 0 if all of them could be entered. */
    public long lacking(long bytes) {
        return account == null ? 0 : Math.max(0, bytes - account.left());
    }
}
