package dev.lockstep.checkpoint;

import java.util.List;

/**
 * The files of one checkpoint folder, on a local disk or any file system that reads by position. This is all that a new
 * storage has to provide. Names are relative, with {@code /} between segments. Thread-safe.
 */
public interface CheckpointFiles {

    /** The folder's path or address, for messages. */
    String location();

    /**
     * Names of the plain files and folders directly inside {@code folder}, sorted; none if there is no such folder.
     *
     * @param folder relative; the empty string is this folder
     */
    List<String> list(String folder);

    /** Whether a plain file of this name can be opened. */
    boolean exists(String name);

    /**
     * Opens a file for reading by position; the caller closes it.
     *
     * @throws CheckpointException naming the file, if it cannot be opened
     */
    PositionalFile open(String name);

    /** The same storage, one folder down. */
    CheckpointFiles folder(String name);

    /** How reads should be grouped here. */
    default ReadPolicy readPolicy() {
        return ReadPolicy.LOCAL;
    }
}
