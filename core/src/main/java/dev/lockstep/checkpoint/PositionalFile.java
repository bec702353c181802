package dev.lockstep.checkpoint;

import java.nio.ByteBuffer;

/** One open file that is read by position, by several threads at once. */
public interface PositionalFile extends AutoCloseable {

    /** Its name relative to the checkpoint folder, for messages. */
    String name();

    /** Its size in bytes when it was opened. */
    long size();

    /**
     * Fills all that remains of {@code target} with the bytes from {@code position} on.
     *
     * @throws CheckpointException naming the file and the position, when the file ends before or cannot be read
     */
    void readFully(long position, ByteBuffer target);

    /** Lets the operating system forget what it keeps of the file in memory; reading goes on to work. */
    default void dropCached() {}

    @Override
    void close();
}
