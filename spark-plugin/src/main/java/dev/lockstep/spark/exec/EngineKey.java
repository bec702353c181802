package dev.lockstep.spark.exec;

import dev.lockstep.engine.EngineOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The key under which a loaded engine is reused: the options, and the checkpoint's files by name, size and time, so
 * that a checkpoint that is replaced in place is loaded again.
 */
record EngineKey(EngineOptions options, String files) {

    static EngineKey of(EngineOptions options) {
        return new EngineKey(options, list(Path.of(options.model())));
    }

    private static String list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return "";
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().map(EngineKey::describe).collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "the model's folder " + folder + " cannot be listed: " + e.getMessage(), e);
        }
    }

    private static String describe(Path file) {
        try {
            return file.getFileName() + " " + Files.size(file) + " "
                    + Files.getLastModifiedTime(file).toMillis();
        } catch (IOException e) {
            throw new IllegalArgumentException("the model's file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
