package dev.lockstep.spark.exec;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.SparkEnv;
import scala.Option;

/**
 * A suppressed exception on a task's failure that tells the driver that a retry would fail in the same way: the local
 * disks are full. Each of Spark's retries would infer all rows again.
 */
final class PermanentFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final List<String> DISK =
            List.of("no space left on device", "disk quota exceeded", "file too large", "read-only file system");

    private PermanentFailure(String message) {
        super(message, null, false, false);
    }

    /** On the executor: marks the failure if it is one of the local disks, saying which folder and which setting. */
    static void mark(Throwable failure) {
        String cause = diskError(failure);
        if (cause != null) {
            failure.addSuppressed(new PermanentFailure(
                    "tp_generate failed: an executor cannot write shuffle files to its local disk (" + cause + "): "
                            + folders() + ". Free space there, or name folders with room in spark.local.dir"
                            + " (SPARK_LOCAL_DIRS of workers, yarn.nodemanager.local-dirs on YARN)"));
        }
    }

    private static String diskError(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            String message = each.getMessage();
            if (message != null && DISK.stream().anyMatch(message.toLowerCase(Locale.ROOT)::contains)) {
                return message;
            }
        }
        return null;
    }

    private static String folders() {
        File[] folders = SparkEnv.get().blockManager().diskBlockManager().localDirs();
        return Arrays.stream(folders)
                .map(each -> each + " has " + (each.getUsableSpace() >> 20) + " MiB left")
                .collect(Collectors.joining(", "));
    }

    /** On the driver: the message of a marked failure; null for any other. */
    static String messageOf(ExceptionFailure failure) {
        Option<Throwable> exception = failure.exception();
        for (Throwable each = exception.isDefined() ? exception.get() : null; each != null; each = each.getCause()) {
            for (Throwable suppressed : each.getSuppressed()) {
                if (suppressed instanceof PermanentFailure) {
                    return suppressed.getMessage();
                }
            }
        }
        return null;
    }
}
