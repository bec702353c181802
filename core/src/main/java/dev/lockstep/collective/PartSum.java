package dev.lockstep.collective;

import java.nio.FloatBuffer;

/**
 * Adds up one rank's part of a vector over all ranks, in rank order, and writes it to all of them. It copies through
 * arrays that stay in the L1 cache, because loops over arrays are compiled to vector instructions and loops over
 * buffers are not.
 */
final class PartSum {
    private static final int CHUNK = 2048;
    /** Floats of a cache line: parts begin at its multiples, so that no two ranks write to one line. */
    private static final int LINE = 16;

    private final float[] sums = new float[CHUNK];
    private final float[] addends = new float[CHUNK];

    void add(PostedBuffers posted, int rank, int size, int floats) {
        int end = partStart(rank + 1, size, floats);
        for (int start = partStart(rank, size, floats); start < end; start += CHUNK) {
            int count = Math.min(CHUNK, end - start);
            posted.floats(0).get(posted.offset(0) + start, sums, 0, count);
            for (int other = 1; other < size; other++) {
                posted.floats(other).get(posted.offset(other) + start, addends, 0, count);
                for (int i = 0; i < count; i++) {
                    sums[i] += addends[i];
                }
            }
            for (int other = 0; other < size; other++) {
                FloatBuffer target = posted.floats(other);
                target.put(posted.offset(other) + start, sums, 0, count);
            }
        }
    }

    private static int partStart(int rank, int size, int floats) {
        if (rank == size) {
            return floats;
        }
        return (int) ((long) floats * rank / size) / LINE * LINE;
    }
}
