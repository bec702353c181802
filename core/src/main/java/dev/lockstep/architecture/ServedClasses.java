package dev.lockstep.architecture;

import dev.lockstep.architecture.Architectures.UnsupportedModelException;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.Model;
import java.util.LinkedHashMap;
import java.util.Map;

/** The class names of {@code architectures} that a family serves, and what each is for. The first is the default. */
final class ServedClasses {
    private final Map<String, Model.Task> tasks = new LinkedHashMap<>();

    static ServedClasses of(String name, Model.Task task) {
        return new ServedClasses().and(name, task);
    }

    /** Adds a class while the registry is set up. */
    ServedClasses and(String name, Model.Task task) {
        tasks.put(name, task);
        return this;
    }

    /**
     * The class of a checkpoint.
     *
     * @throws UnsupportedModelException for a class that is not served, naming those that are
     */
    String name(Config c) {
        String name = c.architecture();
        if (name.isEmpty()) {
            return tasks.keySet().iterator().next();
        }
        if (!tasks.containsKey(name)) {
            throw new UnsupportedModelException(c.file() + ": architectures is '" + name + "', which model_type '"
                    + c.modelType() + "' is not served as; served: " + String.join(", ", tasks.keySet()));
        }
        return name;
    }

    /** What the checkpoint's class is for; throws as {@link #name}. */
    Model.Task task(Config c) {
        return tasks.get(name(c));
    }
}
