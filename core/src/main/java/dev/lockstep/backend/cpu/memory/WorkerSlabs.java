package dev.lockstep.backend.cpu.memory;

/** Work memory of each worker, reused by all kernels that the worker runs one after another. */
public final class WorkerSlabs implements AutoCloseable {
    private final Memory memory;
    private final String purpose;
    private Slab[] slabs = new Slab[0];

    /** @param purpose for memory reports */
    public WorkerSlabs(Memory memory, String purpose) {
        this.memory = memory;
        this.purpose = purpose;
    }

    /**
     * Replaces slabs that are too small; contents are lost.
     *
     * @throws dev.lockstep.backend.OutOfMemoryException when there is not enough memory; then no worker has any
     */
    public void ensure(long bytes, int workers) {
        if (slabs.length >= workers && (workers == 0 || slabs[0].byteSize() >= bytes)) {
            return;
        }
        long largest = slabs.length == 0 ? bytes : Math.max(bytes, slabs[0].byteSize());
        close();
        Slab[] made = new Slab[workers];
        try {
            for (int i = 0; i < workers; i++) {
                made[i] = memory.allocate(largest, purpose);
            }
        } catch (RuntimeException | Error failed) {
            for (int i = 0; i < workers && made[i] != null; i++) {
                made[i].close();
            }
            throw failed;
        }
        slabs = made;
    }

    /** A worker's memory. */
    public Slab of(int worker) {
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
