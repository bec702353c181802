package dev.lockstep.backend.cpu.gemm;

import org.bytedeco.dnnl.dnnl_engine;
import org.bytedeco.dnnl.dnnl_memory;
import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;

/**
 * oneDNN's matrix objects of one worker, one per size that has occurred, which calls re-point. Making one at every call
 * would take half the time of a small product. A look-up allocates nothing.
 */
final class MatrixObjects implements AutoCloseable {

    /** There are usually few sizes. Beyond this number all objects are dropped, so that they do not accumulate. */
    private static final int MOST = 1024;

    private final dnnl_engine engine;
    private final int type;
    private final boolean transposed;
    private final dnnl_memory[] objects = new dnnl_memory[2 * MOST];
    private final long[] sizes = new long[2 * MOST];
    private final int[] strides = new int[2 * MOST];
    private int count;

    /** @param transposed whether columns instead of rows are contiguous */
    MatrixObjects(dnnl_engine engine, int type, boolean transposed) {
        this.engine = engine;
        this.type = type;
        this.transposed = transposed;
    }

    /**
     * @param stride elements from the start of a row to the next; if transposed, from the start of a column to the next
     */
    dnnl_memory of(int rows, int columns, int stride) {
        long size = (long) rows << Integer.SIZE | columns;
        int at = place(size, stride);
        if (objects[at] == null) {
            if (count == MOST) {
                close();
                at = place(size, stride);
            }
            dnnl_memory_desc desc =
                    OneDnn.matrix(rows, columns, type, transposed ? 1 : stride, transposed ? stride : 1);
            try {
                objects[at] = OneDnn.memory(desc, engine);
            } finally {
                dnnl.dnnl_memory_desc_destroy(desc);
            }
            sizes[at] = size;
            strides[at] = stride;
            count++;
        }
        return objects[at];
    }

    private int place(long size, int stride) {
        long mixed = (size * 31 + stride) * 0x9E3779B97F4A7C15L;
        int at = (int) (mixed >>> 53) % objects.length;
        while (objects[at] != null && (sizes[at] != size || strides[at] != stride)) {
            at = (at + 1) % objects.length;
        }
        return at;
    }

    @Override
    public void close() {
        for (int i = 0; i < objects.length; i++) {
            if (objects[i] != null) {
                dnnl.dnnl_memory_destroy(objects[i]);
                objects[i] = null;
            }
        }
        count = 0;
    }
}
