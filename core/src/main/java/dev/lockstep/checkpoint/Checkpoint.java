package dev.lockstep.checkpoint;

import java.util.Optional;
import java.util.Set;

/**
 * A checkpoint as it is published: {@code config.json}, {@code generation_config.json} and weights in safetensors
 * (single or sharded) or {@code pytorch_model.bin} (single or sharded). Immutable and thread-safe; holds open files
 * until it is closed.
 */
public interface Checkpoint extends AutoCloseable {

    /** Where it was opened: a folder's path or another location, for messages. */
    String location();

    Config config();

    /** {@code generation_config.json}, where there is one. */
    Optional<Config> generationConfig();

    /** False when the folder holds a configuration but no weight files: enough for {@code explain}. */
    boolean hasWeights();

    /** The published names of all tensors. */
    Set<String> names();

    /** Resolves a name the architecture uses to a tensor of the files, through the variants of {@link TensorNames}. */
    Optional<TensorInfo> find(String name, TensorNames variants);

    /** A new reader that resolves names through {@code variants}. */
    WeightReader reader(TensorNames variants);

    /** Lets the operating system forget what it keeps of the weight files in memory, once all is read. */
    void dropCached();

    @Override
    void close();
}
