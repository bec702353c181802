package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.CheckpointException;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/** Finds the family of a checkpoint and builds its model. */
public final class Architectures {
    private Architectures() {}

    /** The model types that can be run. */
    public static Set<String> modelTypes() {
        return Families.BY_TYPE.keySet();
    }

    /**
     * The model of a checkpoint; its files' tensor names decide what the configuration leaves open.
     *
     * @throws UnsupportedModelException as {@link #build(Config, StoredTensors)}
     */
    public static Model build(Checkpoint checkpoint) {
        return build(
                checkpoint.config(),
                checkpoint.hasWeights() ? StoredTensors.of(checkpoint.names()) : StoredTensors.UNKNOWN);
    }

    /** The model a configuration describes, when all that it implies is stored. */
    public static Model build(Config config) {
        return build(config, StoredTensors.UNKNOWN);
    }

    /**
     * The model a configuration describes.
     *
     * @throws UnsupportedModelException for a model type nobody registered, naming the nearest ones; for a class of
     *     {@code architectures} that the family does not serve; for quantised weights
     * @throws dev.lockstep.checkpoint.CheckpointException for any other key that cannot be honoured
     */
    public static Model build(Config config, StoredTensors stored) {
        Architecture architecture = family(config);
        refuseChangedWeights(config);
        return architecture.build(config, stored, new GraphBuilder());
    }

    /**
     * Keys of a configuration that {@link #build} did not read and that are not known to be without effect, in file
     * order. What they would change is not honoured: worth a warning.
     */
    public static List<String> unknownKeys(Config config) {
        List<String> unknown = new ArrayList<>(config.unread());
        unknown.removeAll(InertKeys.SHARED);
        unknown.removeAll(family(config).inertKeys());
        return unknown;
    }

    private static Architecture family(Config config) {
        String type = config.modelType();
        Family family = Families.BY_TYPE.get(type);
        if (family == null) {
            throw new UnsupportedModelException(
                    config.file() + ": model_type '" + type + "' is not supported; nearest: " + nearest(type)
                            + "; supported: " + String.join(", ", Families.BY_TYPE.keySet()));
        }
        return family.architecture();
    }

    /** Settings that make the stored tensors something else than the family's weights. */
    private static void refuseChangedWeights(Config config) {
        for (String key : List.of("quantization_config", "compression_config")) {
            if (config.has(key)) {
                String method = config.child(key)
                        .flatMap(c -> c.text("quant_method", "format"))
                        .orElse("not named");
                throw new UnsupportedModelException(config.file()
                        + ": quantised checkpoints are not read yet: " + key + " is present, its method is " + method
                        + "; expected weights in F32, F16 or BF16");
            }
        }
        config.node("pruned_heads").filter(heads -> !heads.isEmpty()).ifPresent(heads -> {
            throw config.wrong(heads, "none: layers with fewer heads than the others are not served", "pruned_heads");
        });
        Fixed.flag(config, false, "tie_encoder_decoder", "encoders and decoders with shared layers are not served");
    }

    private static String nearest(String type) {
        List<String> known = new ArrayList<>(Families.BY_TYPE.keySet());
        known.sort(Comparator.comparingInt(name -> EditDistance.between(name, type)));
        return String.join(", ", known.subList(0, Math.min(3, known.size())));
    }

    /** A checkpoint of a family, for a task, or in a form that is not supported. The message lists what is. */
    public static final class UnsupportedModelException extends CheckpointException {
        public UnsupportedModelException(String message) {
            super(message);
        }
    }
}
