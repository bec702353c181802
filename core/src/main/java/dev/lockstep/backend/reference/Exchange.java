package dev.lockstep.backend.reference;

import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Collectives on arrays, through the mesh. */
final class Exchange {
    private Exchange() {}

    /** All-reduce: sums an array over the ranks, in place. */
    static void sum(Mesh mesh, float[] values) {
        ByteBuffer buffer = buffer(values.length);
        buffer.asFloatBuffer().put(values);
        mesh.allReduceSum(buffer, 0, values.length);
        buffer.asFloatBuffer().get(values);
    }

    /**
     * All-gather: every rank's array.
     *
     * @param own at most {@code length} numbers
     * @param length numbers that each rank sends, the same on all
     * @return by rank, each {@code length} long
     */
    static float[][] gather(Mesh mesh, float[] own, int length) {
        ByteBuffer mine = buffer(length);
        mine.asFloatBuffer().put(own);
        ByteBuffer all = buffer(Math.multiplyExact(length, mesh.size()));
        mesh.allGather(mine, 0, length * Float.BYTES, all, 0);
        float[][] gathered = new float[mesh.size()][length];
        for (int rank = 0; rank < gathered.length; rank++) {
            all.asFloatBuffer().get(rank * length, gathered[rank]);
        }
        return gathered;
    }

    private static ByteBuffer buffer(int floats) {
        return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
                .order(ByteOrder.nativeOrder());
    }
}
