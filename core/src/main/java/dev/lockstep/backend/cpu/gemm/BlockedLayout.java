package dev.lockstep.backend.cpu.gemm;

import org.bytedeco.dnnl.dnnl_memory_desc;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The element offsets of a blocked matrix: the offset of (row, column) is the sum of a part that depends on the row and
 * a part that depends on the column, computed from the descriptor's strides and inner blocks.
 */
final class BlockedLayout {

    private static final int DIMENSIONS = 2;

    private final int[] byRow;
    private final int[] byColumn;

    BlockedLayout(dnnl_memory_desc desc, int rows, int columns) {
        long[] strides = longs(desc, dnnl.dnnl_query_strides, DIMENSIONS);
        int blocks;
        try (IntPointer count = new IntPointer(1)) {
            OneDnn.check(
                    dnnl.dnnl_memory_desc_query(desc, dnnl.dnnl_query_inner_nblks_s32, count), "count inner blocks");
            blocks = count.get();
        }
        long[] sizes = longs(desc, dnnl.dnnl_query_inner_blks, blocks);
        long[] dimensions = longs(desc, dnnl.dnnl_query_inner_idxs, blocks);
        byRow = offsets(0, rows, strides[0], sizes, dimensions);
        byColumn = offsets(1, columns, strides[1], sizes, dimensions);
    }

    /** Element offset of (row, column). */
    int offset(int row, int column) {
        return byRow[row] + byColumn[column];
    }

    private static int[] offsets(int dimension, int length, long outerStride, long[] sizes, long[] dimensions) {
        int[] offsets = new int[length];
        for (int i = 0; i < length; i++) {
            long position = i;
            long offset = 0;
            long stride = 1;
            for (int block = sizes.length - 1; block >= 0; block--) {
                if (dimensions[block] == dimension) {
                    offset += position % sizes[block] * stride;
                    position /= sizes[block];
                }
                stride *= sizes[block];
            }
            offsets[i] = Math.toIntExact(offset + position * outerStride);
        }
        return offsets;
    }

    private static long[] longs(dnnl_memory_desc desc, int what, int count) {
        long[] values = new long[count];
        if (count > 0) {
            try (PointerPointer<LongPointer> array = new PointerPointer<>(1)) {
                OneDnn.check(dnnl.dnnl_memory_desc_query(desc, what, array), "describe a layout");
                array.get(LongPointer.class, 0).get(values);
            }
        }
        return values;
    }
}
