package dev.lockstep.spark.exec;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.util.Iterator;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.util.SerializableConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.Tuple2;

/**
 * Results of finished chunks, in files under the checkpoint directory of the Spark context, where there is one. Shuffle
 * files are lost with their executor; a stage that runs again because of that copies the results of an earlier attempt
 * instead of inferring them again. A chunk's file appears only when the chunk is complete.
 */
final class FinishedChunks implements Serializable {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(FinishedChunks.class);
    private static final Cleaner CLEANER = Cleaner.create();

    private final String folder;
    private final SerializableConfiguration configuration;
    /** Which distribution of the rows the chunks belong to. Sent with each attempt at a stage. */
    private volatile int edition;
    /** Chunks whose stages depend on kept results. Sent likewise. */
    private final Set<Integer> kept = ConcurrentHashMap.newKeySet();

    private FinishedChunks(String folder, SerializableConfiguration configuration) {
        this.folder = folder;
        this.configuration = configuration;
    }

    /** Null where the context has no checkpoint directory. The files are deleted when the plan is no longer used. */
    static FinishedChunks under(SparkContext context) {
        Option<String> checkpoints = context.getCheckpointDir();
        if (checkpoints.isEmpty()) {
            return null;
        }
        String folder = checkpoints.get() + "/lockstep-" + UUID.randomUUID();
        SerializableConfiguration configuration = new SerializableConfiguration(context.hadoopConfiguration());
        FinishedChunks chunks = new FinishedChunks(folder, configuration);
        CLEANER.register(chunks, () -> delete(folder, configuration.value()));
        return chunks;
    }

    /**
     * On the driver, before the first chunk is finished: registers the files for deletion when the application ends.
     */
    void prepare() {
        try {
            FileSystem files = files();
            files.mkdirs(new Path(folder));
            files.deleteOnExit(new Path(folder));
        } catch (IOException e) {
            LOG.warn("the folder {} of finished results could not be made", folder, e);
        }
    }

    /** On the driver: from now on chunks hold different rows. */
    void nextEdition() {
        edition = edition + 1;
        kept.clear();
    }

    /** On the driver: the chunk's stage has succeeded. Whether its results are kept and can be used from now on. */
    boolean rely(int chunk) {
        try {
            return files().exists(path(chunk)) && kept.add(chunk);
        } catch (IOException e) {
            LOG.warn("finished results {} cannot be looked up", path(chunk), e);
            return false;
        }
    }

    /** On the driver: the chunk's stage has failed. Whether it depended on kept results. */
    boolean forget(int chunk) {
        return kept.remove(chunk);
    }

    boolean reliesOn(int chunk) {
        return kept.contains(chunk);
    }

    private static void delete(String folder, Configuration configuration) {
        try {
            Path path = new Path(folder);
            path.getFileSystem(configuration).delete(path, true);
        } catch (IOException | RuntimeException e) {
            LOG.warn("the folder {} of finished results could not be deleted", folder, e);
        }
    }

    /**
     * The records that an earlier attempt at the task's chunk wrote, each for its partition; null when none finished.
     *
     * @throws UncheckedIOException when they cannot be read; they are deleted then, and the next attempt infers them
     */
    Iterator<Tuple2<Object, InternalRow>> read(RankTask task) {
        Path path = path(task.chunk());
        try {
            FileSystem files = files();
            if (files.exists(path)) {
                return new KeptChunk(files, path, task.types().length);
            }
            if (reliesOn(task.chunk())) {
                // The stage was submitted without its input.
                throw new IOException("they are gone, and will be inferred again");
            }
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException("finished results " + path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Where this attempt's records go; null when there is no way to write them, which is logged. */
    ChunkKeeper keep(RankTask task, TaskContext context) {
        try {
            Path path = path(task.chunk());
            FileSystem files = files();
            return new ChunkKeeper(files, path, path.suffix("." + context.taskAttemptId()));
        } catch (IOException e) {
            LOG.warn("results will not outlive this executor: {} cannot be written", folder, e);
            return null;
        }
    }

    private Path path(int chunk) {
        return new Path(folder, "chunk-" + chunk + "-" + edition);
    }

    private FileSystem files() throws IOException {
        return new Path(folder).getFileSystem(configuration.value());
    }
}
