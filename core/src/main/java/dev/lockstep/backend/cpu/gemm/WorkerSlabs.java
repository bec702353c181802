package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Slab;

/** Memory of each worker for itself, which all weights of an engine share: a worker runs one of them at a time. */
final class WorkerSlabs implements AutoCloseable {
    private final String purpose;
    private Slab[] slabs = new Slab[0];

    /** @param purpose for memory reports */
    WorkerSlabs(String purpose) {
        this.purpose = purpose;
    }

    /** Grows what is too small; contents are lost. */
    void ensure(long bytes, int workers) {
        if (slabs.length >= workers && slabs[0].byteSize() >= bytes) {
            return;
        }
        long largest = slabs.length == 0 ? bytes : Math.max(bytes, slabs[0].byteSize());
        close();
        slabs = new Slab[workers];
        for (int i = 0; i < workers; i++) {
            slabs[i] = Slab.allocate(largest, purpose);
        }
    }

    Slab of(int worker) {
        return slabs[worker];
    }

    @Override
    public void close() {
        for (Slab slab : slabs) {
            slab.close();
        }
        slabs = new Slab[0];
    }
}
