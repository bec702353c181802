package dev.lockstep.collective;

import java.nio.ByteBuffer;

/**
 * One rank's end of a group of ranks that run in lockstep. All ranks of a group call the same operations in the same
 * order; an operation that some rank does not reach ends with a {@link MeshException} on all others, either through
 * that rank's {@link #abort}, with its cause, or at the deadline. Sums are taken in rank order, so results are
 * bit-identical on all ranks. Buffers are direct, in native byte order. Used by one thread at a time.
 */
public interface Mesh extends AutoCloseable {

    int rank();

    int size();

    /**
     * All-reduce: adds fp32 buffers element by element over the ranks, in place: {@code floats} elements from {@code
     * byteOffset} on.
     */
    void allReduceSum(ByteBuffer buffer, int byteOffset, int floats);

    /**
     * Gathers each rank's {@code bytes} bytes, in rank order, into {@code target} on every rank. All ranks pass the same
     * count; {@code target} has room for {@code size() * bytes} from {@code targetOffset} on.
     */
    void allGather(ByteBuffer source, int sourceOffset, int bytes, ByteBuffer target, int targetOffset);

    /**
     * The leader's (rank 0's) message on every rank, valid until the next broadcast; followers pass null. The leader's own
     * array is returned as it is.
     */
    int[] broadcast(int[] message);

    /** Returns when every rank has arrived. */
    void barrier();

    /** Fails every operation of the group, now and later, on all ranks, with this cause. Never blocks, never throws. */
    void abort(Throwable cause);

    /** Collectives completed so far on this rank, broadcasts and barriers not counted. */
    long collectives();

    @Override
    void close();
}
