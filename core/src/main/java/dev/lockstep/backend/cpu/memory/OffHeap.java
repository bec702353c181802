package dev.lockstep.backend.cpu.memory;

import dev.lockstep.backend.OutOfMemoryException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Zeroed memory outside the heap. It comes from the C library through JavaCPP, which does not count against
 * {@code -XX:MaxDirectMemorySize}. If JavaCPP's native code cannot be loaded, it comes from the JVM's direct buffers,
 * which do count.
 */
final class OffHeap {

    private static final Logger LOG = LoggerFactory.getLogger(OffHeap.class);
    private static final int ALIGNMENT = 64;
    private static final boolean NATIVE = loadNatives();

    /** The whole block, aligned to a cache line, in native byte order. */
    final ByteBuffer bytes;

    /** Returns the memory to the C library; null for a direct buffer, which the garbage collector frees. */
    private final Runnable free;

    private OffHeap(ByteBuffer bytes, Runnable free) {
        this.bytes = bytes.order(ByteOrder.nativeOrder());
        this.free = free;
    }

    static OffHeap allocate(int byteSize) {
        return NATIVE ? Native.allocate(byteSize) : direct(byteSize);
    }

    void free() {
        if (free != null) {
            free.run();
        }
    }

    private static OffHeap direct(int byteSize) {
        try {
            ByteBuffer whole = ByteBuffer.allocateDirect(byteSize + ALIGNMENT);
            return new OffHeap(whole.alignedSlice(ALIGNMENT).slice(0, byteSize), null);
        } catch (OutOfMemoryError none) {
            throw new OutOfMemoryException(
                    "the JVM has no " + byteSize + " bytes left for a slab: raise -XX:MaxDirectMemorySize");
        }
    }

    private static boolean loadNatives() {
        NativeSettings.apply();
        try {
            Native.allocate(ALIGNMENT).free();
            return true;
        } catch (LinkageError | RuntimeException e) {
            LOG.warn(
                    "JavaCPP's native library cannot be loaded ({}): slabs come from direct buffers, limited by"
                            + " -XX:MaxDirectMemorySize",
                    e.toString());
            return false;
        }
    }

    /** A class of its own, so that JavaCPP's classes are loaded after its settings are made. */
    private static final class Native {

        static OffHeap allocate(int byteSize) {
            Pointer block = Pointer.calloc(1, (long) byteSize + ALIGNMENT);
            if (block == null || block.isNull()) {
                throw new OutOfMemoryException("the C library has no " + byteSize
                        + " bytes left for a slab: raise the memory of the"
                        + " machine or container, lower spark.lockstep.memoryBudget (--memory-budget) or"
                        + " spark.lockstep.maxBatchTokens, or raise tp");
            }
            int padding = (int) (-block.address() & (ALIGNMENT - 1));
            ByteBuffer whole =
                    new BytePointer(block).capacity((long) padding + byteSize).asByteBuffer();
            return new OffHeap(whole.slice(padding, byteSize), () -> Pointer.free(block));
        }
    }
}
