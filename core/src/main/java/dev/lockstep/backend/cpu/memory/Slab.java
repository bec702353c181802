package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.MemoryAccount;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.Pointer;

/**
 * A block of zeroed memory outside the Java heap, aligned to 64 bytes, of at most 1 GiB. It has one owner, which closes
 * it.
 *
 * <ul>
 *   <li>Reads and writes are checked against its bounds.
 *   <li>Every use after {@link #close()} is an error.
 *   <li>Several threads may use disjoint parts at once.
 * </ul>
 */
public final class Slab implements AutoCloseable {

    /** The largest slab: byte offsets always fit in an {@code int}. */
    public static final int MAX_BYTES = 1 << 30;

    private static final AtomicLong LIVE_BYTES = new AtomicLong();
    private static final ByteBuffer CLOSED = ByteBuffer.allocateDirect(0);
    private static final Object CLOSED_MEMORY = MemoryView.of(CLOSED);

    private final MemoryAccount account;
    private final String owner;
    private final long byteSize;
    private final long address;
    private OffHeap block;
    private ByteBuffer bytes;
    private FloatBuffer floats;
    private ShortBuffer shorts;
    private Object memory;

    private Slab(int byteSize, String owner, MemoryAccount account) {
        this.account = account;
        this.owner = owner;
        this.byteSize = byteSize;
        this.block = enter(byteSize, owner, account);
        this.bytes = block.bytes;
        this.floats = bytes.asFloatBuffer();
        this.shorts = bytes.asShortBuffer();
        this.memory = MemoryView.of(bytes);
        this.address = addressOf(bytes);
        LIVE_BYTES.addAndGet(byteSize);
    }

    private static OffHeap enter(int byteSize, String owner, MemoryAccount account) {
        if (account == null) {
            return OffHeap.allocate(byteSize);
        }
        account.take(byteSize, owner);
        try {
            return OffHeap.allocate(byteSize);
        } catch (RuntimeException | Error failed) {
            account.giveBack(byteSize, owner);
            throw failed;
        }
    }

    /** @param account null for none */
    static Slab allocate(long byteSize, String owner, MemoryAccount account) {
        if (byteSize < 0 || byteSize > MAX_BYTES) {
            throw new IllegalArgumentException("a slab holds 0 to " + MAX_BYTES + " bytes, found " + byteSize
                    + " asked by " + owner + ": spread it over several slabs");
        }
        return new Slab((int) byteSize, owner, account);
    }

    /** Bytes of all open slabs of this JVM. */
    public static long liveBytes() {
        return LIVE_BYTES.get();
    }

    /** The whole slab in native byte order. The buffer is shared: use absolute access or {@code duplicate()} it. */
    public ByteBuffer bytes() {
        if (block == null) {
            throw new IllegalStateException("the slab of " + owner + " was closed");
        }
        return bytes;
    }

    /**
     * The memory that {@link Lanes} loads from and stores to: the slab in the form that the JVM's Vector API accepts.
     */
    public Object memory() {
        return memory;
    }

    /** The fp32 value at this index, in floats. */
    public float get(int index) {
        return floats.get(index);
    }

    /** Sets the fp32 value at this index, in floats. */
    public void set(int index, float value) {
        floats.put(index, value);
    }

    /** The 16-bit value at this index, in shorts. */
    public short getShort(int index) {
        return shorts.get(index);
    }

    /** Sets the 16-bit value at this index, in shorts. */
    public void setShort(int index, short value) {
        shorts.put(index, value);
    }

    /** The 32-bit integer at this index, in integers. */
    public int getInt(int index) {
        return bytes.getInt(index << 2);
    }

    /** Sets the 32-bit integer at this index, in integers. */
    public void setInt(int index, int value) {
        bytes.putInt(index << 2, value);
    }

    /** Copies floats from an array to the slab. */
    public void put(int index, float[] source, int from, int count) {
        floats.put(index, source, from, count);
    }

    /** Copies floats from the slab to an array. */
    public void get(int index, float[] target, int to, int count) {
        floats.get(index, target, to, count);
    }

    /** Copies floats from another slab; ranges of one slab may overlap. */
    public void copy(int index, Slab source, int from, int count) {
        floats.put(index, source.floats, from, count);
    }

    /** Sets floats to zero. */
    public void clear(int index, int count) {
        for (int i = index; i < index + count; i++) {
            floats.put(i, 0f);
        }
    }

    public long byteSize() {
        return byteSize;
    }

    /**
     * The address of the first byte, for native calls.
     *
     * @throws IllegalStateException after close
     */
    public long address() {
        bytes();
        return address;
    }

    /** Frees the memory; a second call does nothing. */
    @Override
    public void close() {
        if (block == null) {
            return;
        }
        OffHeap closing = block;
        block = null;
        bytes = CLOSED;
        floats = CLOSED.asFloatBuffer();
        shorts = CLOSED.asShortBuffer();
        memory = CLOSED_MEMORY;
        LIVE_BYTES.addAndGet(-byteSize);
        if (account != null) {
            account.giveBack(byteSize, owner);
        }
        closing.free();
    }

    private static long addressOf(ByteBuffer buffer) {
        try {
            return new Pointer(buffer).address();
        } catch (LinkageError e) {
            return 0; // without JavaCPP no native call can want it
        }
    }

    @Override
    public String toString() {
        return "slab of " + owner + " (" + byteSize + " bytes" + (block == null ? ", closed)" : ")");
    }
}
