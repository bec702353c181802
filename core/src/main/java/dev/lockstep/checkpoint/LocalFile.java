package dev.lockstep.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A local file read through a channel. An interrupt of one reading thread closes a channel for all of them; the others
 * reopen it, so that a killed task does not fail others that load at the same time.
 */
final class LocalFile implements PositionalFile {
    private final String name;
    private final Path path;
    private final long size;
    private FileChannel channel;
    private boolean closed;

    LocalFile(String name, Path path) {
        this.name = name;
        this.path = path;
        try {
            channel = FileChannel.open(path, StandardOpenOption.READ);
            size = channel.size();
        } catch (IOException e) {
            throw new CheckpointException("cannot open " + path + ": " + e, e);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void readFully(long position, ByteBuffer target) {
        long next = position;
        while (target.hasRemaining()) {
            int read = read(next, target);
            if (read < 0) {
                throw new CheckpointException(path + " ends at byte " + size + ", expected "
                        + (next - position + target.remaining()) + " bytes from " + position + " on");
            }
            next += read;
        }
    }

    @Override
    public void dropCached() {
        PageCache.drop(path);
    }

    private int read(long position, ByteBuffer target) {
        while (true) {
            FileChannel current = openChannel();
            try {
                return current.read(target, position);
            } catch (ClosedByInterruptException e) {
                throw new CheckpointException("interrupted while reading " + path, e);
            } catch (ClosedChannelException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new CheckpointException("interrupted while reading " + path, e);
                }
                // Closed by another thread's interrupt (or by close(): then openChannel says so): open it again.
            } catch (IOException e) {
                throw new CheckpointException("cannot read " + path + " at byte " + position + ": " + e, e);
            }
        }
    }

    private synchronized FileChannel openChannel() {
        if (closed) {
            throw new CheckpointException(path + " was closed, together with its checkpoint, while it was read");
        }
        if (!channel.isOpen()) {
            try {
                channel = FileChannel.open(path, StandardOpenOption.READ);
            } catch (IOException e) {
                throw new CheckpointException("cannot open " + path + " again: " + e, e);
            }
        }
        return channel;
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw new CheckpointException("cannot close " + path + ": " + e, e);
        }
    }
}
