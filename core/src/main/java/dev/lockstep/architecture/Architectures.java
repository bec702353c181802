package dev.lockstep.architecture;

import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The registry of families, by {@code model_type}. */
public final class Architectures {
    private static final Map<String, Architecture> FAMILIES = families();

    private Architectures() {}

    private static Map<String, Architecture> families() {
        Map<String, Architecture> families = new TreeMap<>();
        families.put("llama", new Llama(Llama.Relative.LLAMA));
        families.put("mistral", new Llama(Llama.Relative.MISTRAL));
        families.put("qwen2", new Llama(Llama.Relative.QWEN2));
        families.put("gptj", new GptJ());
        families.put("opt", new Opt());
        return families;
    }

    /** The model types that can be run. */
    public static Set<String> modelTypes() {
        return FAMILIES.keySet();
    }

    /**
     * The model a configuration describes.
     *
     * @throws UnsupportedModelException for a model type nobody registered, naming the nearest ones
     */
    public static Model build(Config config) {
        String type = config.modelType();
        Architecture architecture = FAMILIES.get(type);
        if (architecture == null) {
            throw new UnsupportedModelException(
                    config.file() + ": model_type '" + type + "' is not supported; nearest: " + nearest(type)
                            + "; supported: " + String.join(", ", FAMILIES.keySet()));
        }
        return architecture.build(config, new GraphBuilder());
    }

    private static String nearest(String type) {
        List<String> known = new ArrayList<>(FAMILIES.keySet());
        known.sort(Comparator.comparingInt(name -> EditDistance.between(name, type)));
        return String.join(", ", known.subList(0, Math.min(3, known.size())));
    }

    /** A checkpoint of a family, or for a task, that is not supported. */
    public static final class UnsupportedModelException extends CheckpointException {
        public UnsupportedModelException(String message) {
            super(message);
        }
    }
}
