package dev.lockstep.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * The buffers that the ranks of a group publish to each other during an operation. A rank writes its own entries before
 * the barrier and leaves them unchanged until the next barrier; the barrier makes them visible.
 */
final class PostedBuffers {
    /** Buffers a rank is expected to use in turn. */
    private static final int REMEMBERED = 8;

    private final ByteBuffer[] bytes;
    private final FloatBuffer[] floats;
    private final int[] offsets;
    private int[] message;

    /** By rank, the buffers seen last and their views, so that the same buffer is not wrapped again. */
    private final ByteBuffer[][] seen;

    private final FloatBuffer[][] views;
    private final int[] next;

    PostedBuffers(int size) {
        bytes = new ByteBuffer[size];
        floats = new FloatBuffer[size];
        offsets = new int[size];
        seen = new ByteBuffer[size][REMEMBERED];
        views = new FloatBuffer[size][REMEMBERED];
        next = new int[size];
    }

    void bytes(int rank, ByteBuffer buffer, int offset) {
        bytes[rank] = buffer;
        offsets[rank] = offset;
    }

    ByteBuffer bytes(int rank) {
        return bytes[rank];
    }

    /** @param offset in floats from the buffer's byte 0 */
    void floats(int rank, ByteBuffer buffer, int offset) {
        floats[rank] = view(rank, buffer);
        offsets[rank] = offset;
    }

    FloatBuffer floats(int rank) {
        return floats[rank];
    }

    int offset(int rank) {
        return offsets[rank];
    }

    void message(int[] posted) {
        message = posted;
    }

    int[] message() {
        return message;
    }

    private FloatBuffer view(int rank, ByteBuffer buffer) {
        for (int i = 0; i < REMEMBERED; i++) {
            if (seen[rank][i] == buffer) {
                return views[rank][i];
            }
        }
        // The whole buffer, whatever its position and limit are now.
        FloatBuffer view =
                buffer.duplicate().clear().order(ByteOrder.nativeOrder()).asFloatBuffer();
        seen[rank][next[rank]] = buffer;
        views[rank][next[rank]] = view;
        next[rank] = (next[rank] + 1) % REMEMBERED;
        return view;
    }
}
