package dev.lockstep.checkpoint;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Opens checkpoints. */
public final class Checkpoints {
    private static final String CONFIG = "config.json";
    private static final String GENERATION_CONFIG = "generation_config.json";

    private Checkpoints() {}

    /**
     * Opens a local folder: one with a {@code config.json}, or a repository of the hub's cache ({@code
     * models--org--name}), of which the snapshot named by {@code refs/main} is taken.
     *
     * @throws CheckpointException naming the file and the reason, if there is no checkpoint or it is damaged
     */
    public static Checkpoint open(Path folder) {
        return open(new LocalFiles(folder));
    }

    /** Opens a folder of any storage; see {@link #open(Path)}. */
    public static Checkpoint open(CheckpointFiles folder) {
        CheckpointFiles files = HubLayout.resolve(folder);
        if (!files.exists(CONFIG)) {
            throw notFound(files);
        }
        Config config = config(files, CONFIG);
        Optional<Config> generation =
                files.exists(GENERATION_CONFIG) ? Optional.of(config(files, GENERATION_CONFIG)) : Optional.empty();
        return new FolderCheckpoint(files, config, generation, WeightFiles.open(files));
    }

    private static Config config(CheckpointFiles files, String name) {
        return new Config(SmallFiles.path(files, name), SmallFiles.json(files, name));
    }

    private static CheckpointException notFound(CheckpointFiles files) {
        List<String> there = files.list("");
        String found = there.isEmpty() ? "is empty or does not exist" : "holds " + shortened(there);
        return new CheckpointException(
                "no checkpoint: looked for " + SmallFiles.path(files, CONFIG) + ", but the folder " + found
                        + "; expected a folder with config.json, or a hub cache repository with refs/main and snapshots");
    }

    static String shortened(List<String> names) {
        return names.size() <= 12 ? names.toString() : names.subList(0, 12) + " and " + (names.size() - 12) + " more";
    }
}
