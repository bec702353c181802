package dev.lockstep.checkpoint;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the weight files of a folder and opens them: {@code model.safetensors}, its shards, {@code pytorch_model.bin},
 * its shards, the first of these that is there. Other names are not guessed.
 */
final class WeightFiles implements AutoCloseable {
    private static final String INDEX = ".index.json";

    /** In the order of preference. */
    static final List<String> NAMES =
            List.of("model.safetensors", "model.safetensors" + INDEX, "pytorch_model.bin", "pytorch_model.bin" + INDEX);

    private final CheckpointFiles files;
    private final Map<String, PositionalFile> open = new LinkedHashMap<>();
    private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

    private WeightFiles(CheckpointFiles files) {
        this.files = files;
    }

    /** Opens what is there; no tensors if there are no weight files. */
    static WeightFiles open(CheckpointFiles files) {
        WeightFiles weights = new WeightFiles(files);
        try {
            weights.openFirst();
        } catch (RuntimeException e) {
            weights.close();
            throw e;
        }
        return weights;
    }

    Map<String, StoredTensor> tensors() {
        return tensors;
    }

    /** Whether there are weight files at all. */
    boolean found() {
        return !open.isEmpty();
    }

    private void openFirst() {
        for (String name : NAMES) {
            if (files.exists(name)) {
                if (name.endsWith(INDEX)) {
                    openShards(name);
                } else {
                    openSingle(name);
                }
                return;
            }
        }
    }

    private void openSingle(String name) {
        for (StoredTensor tensor : read(name)) {
            tensors.put(tensor.info().name(), tensor);
        }
    }

    private void openShards(String index) {
        Map<String, String> shards = ShardIndex.read(files, index);
        Map<String, Map<String, StoredTensor>> byShard = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : shards.entrySet()) {
            Map<String, StoredTensor> own = byShard.computeIfAbsent(entry.getValue(), this::byName);
            StoredTensor tensor = own.get(entry.getKey());
            if (tensor == null) {
                throw new CheckpointException(SmallFiles.path(files, index) + ": tensor " + entry.getKey()
                        + " is mapped to " + entry.getValue() + ", which holds no tensor of that name");
            }
            tensors.put(entry.getKey(), tensor);
        }
        // Shards may hold tensors that the index leaves out: tied copies, saved all the same.
        for (Map<String, StoredTensor> own : byShard.values()) {
            own.forEach(tensors::putIfAbsent);
        }
    }

    private Map<String, StoredTensor> byName(String shard) {
        Map<String, StoredTensor> own = new HashMap<>();
        for (StoredTensor tensor : read(shard)) {
            own.put(tensor.info().name(), tensor);
        }
        return own;
    }

    private List<StoredTensor> read(String name) {
        PositionalFile file = files.open(name);
        open.put(name, file);
        String path = SmallFiles.path(files, name);
        if (name.endsWith(".safetensors")) {
            return SafetensorsHeader.read(path, file);
        }
        if (name.endsWith(".bin")) {
            return TorchArchive.read(path, file);
        }
        throw new CheckpointException(path + " is named as a shard, expected a name that ends in .safetensors or .bin");
    }

    void dropCached() {
        for (PositionalFile file : open.values()) {
            file.dropCached();
        }
    }

    @Override
    public void close() {
        for (PositionalFile file : open.values()) {
            file.close();
        }
    }
}
