package dev.lockstep.spark.exec;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.io.CompressionCodec;
import org.apache.spark.io.CompressionCodec$;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a chunk's records to a file that gets its name when it is complete. If the file cannot be written, the task
 * goes on without it: the records are in the shuffle anyway.
 *
 * <p>A record: partition and size as ints, then the row's bytes; at the end {@link #END} and the number of records as a
 * long.
 */
final class ChunkKeeper implements AutoCloseable {
    static final int END = -1;
    private static final Logger LOG = LoggerFactory.getLogger(ChunkKeeper.class);

    private final FileSystem files;
    private final Path path;
    private final Path temporary;
    private final byte[] buffer = new byte[1 << 16];
    /** Null when it is closed, for good or because it could not be written. */
    private DataOutputStream out;

    private long records;

    ChunkKeeper(FileSystem files, Path path, Path temporary) throws IOException {
        this.files = files;
        this.path = path;
        this.temporary = temporary;
        this.out =
                new DataOutputStream(new BufferedOutputStream(codec().compressedOutputStream(files.create(temporary))));
    }

    static CompressionCodec codec() {
        return CompressionCodec$.MODULE$.createCodec(SparkEnv.get().conf());
    }

    void write(int partition, UnsafeRow record) {
        if (out == null) {
            return;
        }
        try {
            out.writeInt(partition);
            out.writeInt(record.getSizeInBytes());
            record.writeToStream(out, buffer);
            records++;
        } catch (IOException e) {
            giveUp(e);
        }
    }

    /** All records are written. */
    void finish() {
        if (out == null) {
            return;
        }
        try {
            out.writeInt(END);
            out.writeLong(records);
            out.close();
            out = null;
            // False when another attempt was first, which is as good.
            if (!files.rename(temporary, path)) {
                files.delete(temporary, false);
            }
        } catch (IOException e) {
            giveUp(e);
        }
    }

    private void giveUp(IOException failure) {
        LOG.warn("results of {} will not outlive this executor", path, failure);
        close();
    }

    /** Drops what is not finished. */
    @Override
    public void close() {
        if (out == null) {
            return;
        }
        DataOutputStream unfinished = out;
        out = null;
        try {
            unfinished.close();
        } catch (IOException e) {
            LOG.debug("closing {}", temporary, e);
        }
        try {
            files.delete(temporary, false);
        } catch (IOException e) {
            LOG.warn("the unfinished file {} could not be deleted", temporary, e);
        }
    }
}
