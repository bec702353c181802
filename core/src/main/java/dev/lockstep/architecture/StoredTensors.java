package dev.lockstep.architecture;

import dev.lockstep.checkpoint.TensorNames;
import java.util.Optional;
import java.util.Set;

/**
 * The tensor names of a checkpoint's files, for what a configuration does not say: whether a pooler was saved, whether a
 * head is stored beside the table it is tied to. Without files everything counts as stored.
 */
public final class StoredTensors {
    /** Nothing but the configuration is at hand. */
    public static final StoredTensors UNKNOWN = new StoredTensors(Optional.empty());

    private final Optional<Set<String>> names;

    private StoredTensors(Optional<Set<String>> names) {
        this.names = names;
    }

    /** Exactly these published names. */
    public static StoredTensors of(Set<String> names) {
        return new StoredTensors(Optional.of(Set.copyOf(names)));
    }

    /** Whether the files hold the tensor under any of its names; true when the files are unknown. */
    boolean hold(String name, TensorNames variants) {
        return names.isEmpty() || variants.variants(name).stream().anyMatch(names.get()::contains);
    }

    /** As {@link #hold}, but false when the files are unknown. */
    boolean surelyHold(String name, TensorNames variants) {
        return names.isPresent() && hold(name, variants);
    }
}
