package dev.lockstep.spark.exec;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.util.TaskCompletionListener;
import scala.Tuple2;

/** Reads what a {@link ChunkKeeper} wrote. A file that cannot be read to its end is deleted. The row object is reused. */
final class KeptChunk implements Iterator<Tuple2<Object, InternalRow>> {
    private final FileSystem files;
    private final Path path;
    private final DataInputStream in;
    private final UnsafeRow row;
    private byte[] bytes = new byte[1 << 12];
    private long records;
    private int partition;
    private boolean ready;
    private boolean ended;

    KeptChunk(FileSystem files, Path path, int columns) throws IOException {
        this.files = files;
        this.path = path;
        this.row = new UnsafeRow(columns);
        this.in = new DataInputStream(
                new BufferedInputStream(ChunkKeeper.codec().compressedInputStream(files.open(path))));
        TaskCompletionListener close = ended -> close();
        TaskContext.get().addTaskCompletionListener(close);
    }

    private void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean hasNext() {
        if (!ready && !ended) {
            try {
                read();
            } catch (IOException | RuntimeException e) {
                throw unreadable(e);
            }
        }
        return ready;
    }

    private void read() throws IOException {
        partition = in.readInt();
        if (partition == ChunkKeeper.END) {
            ended = true;
            long written = in.readLong();
            if (written != records) {
                throw new IOException("it holds " + records + " records, expected " + written);
            }
            return;
        }
        int size = in.readInt();
        if (size > bytes.length) {
            bytes = new byte[Math.max(size, 2 * bytes.length)];
        }
        in.readFully(bytes, 0, size);
        row.pointTo(bytes, Platform.BYTE_ARRAY_OFFSET, size);
        records++;
        ready = true;
    }

    private UncheckedIOException unreadable(Exception cause) {
        IOException failure = new IOException(
                "finished results " + path + " cannot be read and will be inferred again: " + cause.getMessage(),
                cause);
        try {
            files.delete(path, false);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return new UncheckedIOException(failure);
    }

    @Override
    public Tuple2<Object, InternalRow> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        ready = false;
        return new Tuple2<>(partition, row);
    }
}
