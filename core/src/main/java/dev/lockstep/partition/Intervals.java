package dev.lockstep.partition;

/** Index lists. */
final class Intervals {
    private Intervals() {}

    /**
     * Contiguous index lists, as even as possible in grains, the larger ones first. Some are empty when there are more
     * ranks than grains.
     */
    static int[][] even(int size, int ranks, int grain) {
        int grains = (size + grain - 1) / grain;
        int[][] lists = new int[ranks][];
        int begin = 0;
        for (int rank = 0; rank < ranks; rank++) {
            int share = grains / ranks + (rank < grains % ranks ? 1 : 0);
            int end = Math.min(size, begin + share * grain);
            lists[rank] = new int[end - begin];
            for (int i = begin; i < end; i++) {
                lists[rank][i - begin] = i;
            }
            begin = end;
        }
        return lists;
    }

    static int[] strided(int size, int stride) {
        int[] list = new int[size];
        for (int i = 0; i < size; i++) {
            list[i] = i * stride;
        }
        return list;
    }

    /** All sums of one of the first and one of the second. */
    static int[] cross(int[] first, int[] second) {
        int[] sums = new int[first.length * second.length];
        int at = 0;
        for (int a : first) {
            for (int b : second) {
                sums[at++] = a + b;
            }
        }
        return sums;
    }
}
