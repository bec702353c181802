package dev.lockstep.backend.cpu.gemm;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits oneDNN's OpenMP teams to one thread. Work is split in Java, and spinning teams of several ranks on the same
 * cores would slow one another down badly. The thread count is a setting of the calling thread, so each thread that
 * calls oneDNN sets it once.
 */
final class OpenMp {

    private static final Logger LOG = LoggerFactory.getLogger(OpenMp.class);
    private static final ThreadLocal<Boolean> SINGLE = ThreadLocal.withInitial(OpenMp::setSingle);

    private OpenMp() {}

    /** Makes the calling thread run its parallel regions on that thread only. */
    static void single() {
        SINGLE.get();
    }

    private static Boolean setSingle() {
        Holder.LIBRARY.ifPresent(
                library -> library.getFunction("omp_set_num_threads").invokeVoid(new Object[] {1}));
        return Holder.LIBRARY.isPresent();
    }

    /** The same library that oneDNN loaded: another copy would have separate thread counts. */
    private static final class Holder {

        static final Optional<NativeLibrary> LIBRARY = find();

        private static Optional<NativeLibrary> find() {
            try {
                Optional<String> path = loadedPath();
                if (path.isPresent()) {
                    return path.map(NativeLibrary::getInstance);
                }
                LOG.warn("oneDNN runs without a libgomp that can be found: set OMP_NUM_THREADS=1");
            } catch (IOException | LinkageError e) {
                LOG.warn("the OpenMP thread count cannot be set ({}): set OMP_NUM_THREADS=1", e.toString());
            }
            return Optional.empty();
        }

        private static Optional<String> loadedPath() throws IOException {
            Path maps = Path.of("/proc/self/maps");
            if (!Files.exists(maps)) {
                return Optional.empty();
            }
            return Files.readAllLines(maps).stream()
                    .filter(line -> line.contains("/libgomp"))
                    .map(line -> line.substring(line.indexOf('/')))
                    .findFirst();
        }
    }
}
