package dev.lockstep.checkpoint;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells Linux that the pages of a file need not stay in memory: {@code posix_fadvise} of POSIX.1-2008. Without this
 * call nothing happens; the kernel drops the pages anyway when memory gets short.
 */
final class PageCache {
    private static final Logger LOG = LoggerFactory.getLogger(PageCache.class);
    private static final int READ_ONLY = 0;
    private static final int DONT_NEED = 4;

    private PageCache() {}

    /** Drops the cached pages of a file that nobody maps. */
    static void drop(Path file) {
        Calls.LINUX.ifPresent(calls -> calls.drop(file.toString()));
    }

    private record Calls(Function open, Function advise, Function close) {
        /** Empty elsewhere, and where the library cannot be called. */
        private static final Optional<Calls> LINUX = find();

        private static Optional<Calls> find() {
            try {
                if (!Platform.isLinux() || !Platform.is64Bit()) {
                    return Optional.empty();
                }
                NativeLibrary library = NativeLibrary.getInstance(Platform.C_LIBRARY_NAME);
                return Optional.of(new Calls(
                        library.getFunction("open"),
                        library.getFunction("posix_fadvise"),
                        library.getFunction("close")));
            } catch (LinkageError e) {
                LOG.debug("files stay in the page cache: {}", e.toString());
                return Optional.empty();
            }
        }

        void drop(String path) {
            int descriptor = open.invokeInt(new Object[] {path, READ_ONLY});
            if (descriptor < 0) {
                return; // it is gone: so are its pages
            }
            // From the start to the end of the file.
            advise.invokeInt(new Object[] {descriptor, 0L, 0L, DONT_NEED});
            close.invokeInt(new Object[] {descriptor});
        }
    }
}
