package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.cpu.memory.Matrix;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A debugging aid: ranks compare, bit for bit, every value that all of them hold whole. Ranks that differ in the last
 * bit would sooner or later choose different tokens or experts.
 */
final class ReplicaCheck {
    /** A digest, and a flag that it is meaningless. */
    private static final int BYTES = 2 * Long.BYTES;

    private ReplicaCheck() {}

    /** @throws IllegalStateException on every rank when the values differ, naming the value and the ranks */
    static Instruction of(String name, Operand value) {
        return step -> {
            if (step.probing()) {
                return; // which instructions were skipped differs between ranks
            }
            int ranks = step.mesh().size();
            ByteBuffer own = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
            ByteBuffer all = ByteBuffer.allocateDirect(BYTES * ranks).order(ByteOrder.nativeOrder());
            own.putLong(0, digest(value, step.rows(value.rows())));
            own.putLong(Long.BYTES, step.spoiled() ? 1 : 0);
            step.mesh().allGather(own, 0, BYTES, all, 0);
            for (int rank = 0; rank < ranks; rank++) {
                if (all.getLong(rank * BYTES + Long.BYTES) != 0) {
                    return; // a rank without memory computes on meaningless values; the step will be run again
                }
            }
            for (int rank = 1; rank < ranks; rank++) {
                if (all.getLong(rank * BYTES) != all.getLong(0)) {
                    throw new IllegalStateException(
                            "ranks 0 and " + rank + " disagree in the bits of " + name + ", which both hold whole");
                }
            }
        };
    }

    private static long digest(Operand value, int rows) {
        Matrix matrix = value.matrix();
        long digest = 17;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < value.width(); column++) {
                digest = digest * 31 + Float.floatToRawIntBits(matrix.get(row, column));
            }
        }
        return digest;
    }
}
