package dev.lockstep.checkpoint;

import java.util.List;

/** The layout of the hub's cache: {@code models--org--name/{refs,snapshots,blobs}}. */
final class HubLayout {
    private static final String REFERENCE = "refs/main";

    private HubLayout() {}

    /**
     * The folder that holds the checkpoint: the snapshot {@code refs/main} names (or the only one), when {@code files}
     * is a repository of the hub's cache, else {@code files} itself.
     *
     * @throws CheckpointException listing the snapshots, if none can be chosen
     */
    static CheckpointFiles resolve(CheckpointFiles files) {
        List<String> snapshots = files.list("snapshots");
        if (files.exists("config.json") || snapshots.isEmpty()) {
            return files;
        }
        String revision;
        if (files.exists(REFERENCE)) {
            revision = SmallFiles.text(files, REFERENCE).strip();
        } else if (snapshots.size() == 1) {
            revision = snapshots.get(0);
        } else {
            throw new CheckpointException(files.location() + " is a hub repository without " + REFERENCE
                    + ": open one of its snapshots " + snapshots);
        }
        if (!snapshots.contains(revision)) {
            throw new CheckpointException(SmallFiles.path(files, REFERENCE) + " names revision \"" + revision
                    + "\", but the snapshots here are " + snapshots + ": the download was not finished");
        }
        return files.folder("snapshots/" + revision);
    }
}
