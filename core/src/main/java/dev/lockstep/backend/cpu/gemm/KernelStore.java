package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.cpu.memory.LibraryMemory;
import dev.lockstep.backend.cpu.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/**
 * All compiled products of an engine. Steps with new numbers of rows compile new ones. oneDNN keeps a large description
 * with each, so they are entered in the rank's account. When the account is full, the least recently used ones are
 * dropped; they are compiled again when needed.
 */
final class KernelStore implements AutoCloseable {

    /** Bytes that oneDNN holds for one product: measured, 0.5 to 0.7 MB without and with post-operations. */
    static final long KERNEL_BYTES = 5 << 17;

    private static final String PURPOSE = "compiled products";

    private final Memory memory;
    private final List<PanelKernel> kernels = new ArrayList<>();
    private long product;

    KernelStore(Memory memory) {
        this.memory = memory;
    }

    /** Protects all kernels made or used from now on from being dropped, until the next call. */
    void beginProduct() {
        product++;
    }

    /** Records that the current product uses a kernel. */
    void use(PanelKernel kernel) {
        kernel.lastProduct = product;
    }

    /**
     * Enters a kernel that is about to be made.
     *
     * @throws OutOfMemoryException when the account has no room, and would have none without the kernels that the
     *     current product does not use; then none is dropped
     */
    LibraryMemory enter() {
        long lacking = memory.lacking(KERNEL_BYTES);
        if (lacking > 0) {
            long drops = (lacking + KERNEL_BYTES - 1) / KERNEL_BYTES;
            long unused = kernels.stream()
                    .filter(kernel -> kernel.lastProduct < product)
                    .count();
            for (long i = 0; unused >= drops && i < drops; i++) {
                dropOldest();
            }
        }
        return memory.enter(KERNEL_BYTES, PURPOSE);
    }

    private void dropOldest() {
        PanelKernel oldest = kernels.get(0);
        for (PanelKernel kernel : kernels) {
            oldest = kernel.lastProduct < oldest.lastProduct ? kernel : oldest;
        }
        kernels.remove(oldest);
        oldest.shape().forget(oldest);
        oldest.close();
    }

    void add(PanelKernel kernel) {
        use(kernel);
        kernels.add(kernel);
    }

    /** Names of the implementations of all present kernels. */
    List<String> implementations() {
        return kernels.stream().map(kernel -> kernel.implementation).toList();
    }

    @Override
    public void close() {
        kernels.forEach(PanelKernel::close);
        kernels.clear();
    }
}
