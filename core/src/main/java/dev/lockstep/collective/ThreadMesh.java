package dev.lockstep.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The mesh of a group whose ranks are threads of one JVM: ranks read each other's buffers directly. An all-reduce gives
 * each rank one part of the vector to add up over all ranks and to write to all of them; so every element is summed in
 * rank order by one thread, and results are bit-identical on all ranks. Collectives do not allocate for buffers that
 * were used before.
 */
public final class ThreadMesh implements Mesh {
    private final int rank;
    private final MeetingPoint point;
    private final PostedBuffers posted;
    private final PartSum sum = new PartSum();
    private int[] received = new int[0];
    private long collectives;

    private ThreadMesh(int rank, MeetingPoint point, PostedBuffers posted) {
        this.rank = rank;
        this.point = point;
        this.posted = posted;
    }

    /**
     * The ends of a new group, by rank; each is used by one thread.
     *
     * @param deadline how long a rank waits for the others in one operation
     */
    public static List<Mesh> group(int size, Duration deadline) {
        if (size < 1 || deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException(
                    "a group of " + size + " ranks with a deadline of " + deadline + ": expected both positive");
        }
        MeetingPoint point = new MeetingPoint(size, deadline);
        PostedBuffers posted = new PostedBuffers(size);
        List<Mesh> ends = new ArrayList<>();
        for (int rank = 0; rank < size; rank++) {
            ends.add(new ThreadMesh(rank, point, posted));
        }
        return List.copyOf(ends);
    }

    @Override
    public int rank() {
        return rank;
    }

    @Override
    public int size() {
        return point.size();
    }

    @Override
    public void allReduceSum(ByteBuffer buffer, int byteOffset, int floats) {
        checkOpen();
        try {
            if (byteOffset % Float.BYTES != 0 || floats < 0) {
                throw new IllegalArgumentException("allReduceSum of " + floats + " floats at byte " + byteOffset
                        + ": expected a count from 0 on and a multiple of " + Float.BYTES);
            }
            checkBuffer(MeshOperation.ALL_REDUCE, floats, buffer, byteOffset, (long) floats * Float.BYTES);
            posted.floats(rank, buffer, byteOffset / Float.BYTES);
            point.begin(rank, MeshOperation.ALL_REDUCE, floats);
            sum.add(posted, rank, size(), floats);
            point.end(rank, MeshOperation.ALL_REDUCE, floats);
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
        collectives++;
    }

    @Override
    public void allGather(ByteBuffer source, int sourceOffset, int bytes, ByteBuffer target, int targetOffset) {
        checkOpen();
        try {
            checkBuffer(MeshOperation.ALL_GATHER, bytes, source, sourceOffset, bytes);
            checkBuffer(MeshOperation.ALL_GATHER, bytes, target, targetOffset, (long) bytes * size());
            posted.bytes(rank, source, sourceOffset);
            point.begin(rank, MeshOperation.ALL_GATHER, bytes);
            for (int other = 0; other < size(); other++) {
                target.put(targetOffset + other * bytes, posted.bytes(other), posted.offset(other), bytes);
            }
            point.end(rank, MeshOperation.ALL_GATHER, bytes);
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
        collectives++;
    }

    @Override
    public int[] broadcast(int[] message) {
        checkOpen();
        try {
            if (rank == 0 ^ message != null) {
                throw new IllegalArgumentException("rank " + rank + " broadcasts "
                        + (message == null ? "null" : "a message")
                        + ": expected a message from rank 0 and null from all others");
            }
            if (rank == 0) {
                posted.message(message);
            }
            point.begin(rank, MeshOperation.BROADCAST, 0);
            // A copy, because the leader may write its array again as soon as it has returned.
            int[] result = rank == 0 ? message : receive(posted.message());
            point.end(rank, MeshOperation.BROADCAST, 0);
            return result;
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
    }

    private int[] receive(int[] message) {
        if (received.length != message.length) {
            received = new int[message.length];
        }
        System.arraycopy(message, 0, received, 0, message.length);
        return received;
    }

    @Override
    public void barrier() {
        checkOpen();
        try {
            point.begin(rank, MeshOperation.BARRIER, 0);
        } catch (RuntimeException | Error e) {
            throw failed(e);
        }
    }

    @Override
    public void abort(Throwable cause) {
        point.fail("rank " + rank + " of " + size() + " failed: " + cause, cause);
    }

    @Override
    public long collectives() {
        return collectives;
    }

    /** Leaves the group: ranks that still wait for this one fail. */
    @Override
    public void close() {
        point.leave(rank);
    }

    private void checkOpen() {
        if (point.hasLeft(rank)) {
            throw new MeshException("rank " + rank + " has closed its mesh and can call nothing more", null);
        }
    }

    /** An operation that fails on one rank fails on all: the others would wait for it in vain. */
    private RuntimeException failed(Throwable e) {
        if (!(e instanceof MeshException)) {
            abort(e);
        }
        if (e instanceof Error error) {
            throw error;
        }
        return (RuntimeException) e;
    }

    private static void checkBuffer(MeshOperation operation, int amount, ByteBuffer buffer, int offset, long bytes) {
        if (!buffer.isDirect() || buffer.order() != ByteOrder.nativeOrder()) {
            throw new IllegalArgumentException(operation.describe(amount) + " in " + buffer + ", " + buffer.order()
                    + ": expected a direct buffer in native byte order, " + ByteOrder.nativeOrder());
        }
        if (offset < 0 || bytes < 0 || offset + bytes > buffer.limit()) {
            throw new IllegalArgumentException(operation.describe(amount) + " takes " + bytes + " bytes from byte "
                    + offset + " on of a buffer that ends at " + buffer.limit());
        }
    }
}
