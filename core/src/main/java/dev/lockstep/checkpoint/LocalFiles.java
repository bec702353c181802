package dev.lockstep.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A folder of the local disk. Links are followed: the hub's cache is made of them. */
record LocalFiles(Path root) implements CheckpointFiles {

    @Override
    public String location() {
        return root.toString();
    }

    @Override
    public List<String> list(String folder) {
        Path listed = root.resolve(folder);
        if (!Files.isDirectory(listed)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(listed)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new CheckpointException("cannot list " + listed + ": " + e, e);
        }
    }

    @Override
    public boolean exists(String name) {
        return Files.isRegularFile(root.resolve(name));
    }

    @Override
    public PositionalFile open(String name) {
        return new LocalFile(name, root.resolve(name));
    }

    @Override
    public CheckpointFiles folder(String name) {
        return new LocalFiles(root.resolve(name));
    }
}
