package dev.lockstep.checkpoint;

import java.util.Collections;
import java.util.Optional;
import java.util.Set;

/** A checkpoint whose headers are read and whose weight files stay open. */
final class FolderCheckpoint implements Checkpoint {
    private final CheckpointFiles files;
    private final Config config;
    private final Optional<Config> generationConfig;
    private final WeightFiles weights;

    FolderCheckpoint(CheckpointFiles files, Config config, Optional<Config> generationConfig, WeightFiles weights) {
        this.files = files;
        this.config = config;
        this.generationConfig = generationConfig;
        this.weights = weights;
    }

    @Override
    public String location() {
        return files.location();
    }

    @Override
    public Config config() {
        return config;
    }

    @Override
    public Optional<Config> generationConfig() {
        return generationConfig;
    }

    @Override
    public boolean hasWeights() {
        return weights.found();
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(weights.tensors().keySet());
    }

    @Override
    public Optional<TensorInfo> find(String name, TensorNames variants) {
        return new TensorLookup(files.location(), weights.tensors(), variants)
                .find(name)
                .map(StoredTensor::info);
    }

    @Override
    public WeightReader reader(TensorNames variants) {
        if (!hasWeights()) {
            throw new CheckpointException(files.location() + " holds a configuration but no weights: looked for "
                    + WeightFiles.NAMES + ", found " + Checkpoints.shortened(files.list("")));
        }
        return new SliceReader(new TensorLookup(files.location(), weights.tensors(), variants), files.readPolicy());
    }

    @Override
    public void dropCached() {
        weights.dropCached();
    }

    @Override
    public void close() {
        weights.close();
    }
}
