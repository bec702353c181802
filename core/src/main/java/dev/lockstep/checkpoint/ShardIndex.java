package dev.lockstep.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;

/** The {@code *.index.json} of a sharded checkpoint: which file holds which tensor. */
final class ShardIndex {
    private ShardIndex() {}

    /**
     * Tensor names and the shard of each.
     *
     * @throws CheckpointException if the index is malformed, or names a file outside the folder or one that is missing
     */
    static Map<String, String> read(CheckpointFiles files, String index) {
        String path = SmallFiles.path(files, index);
        JsonNode map = SmallFiles.json(files, index).path("weight_map");
        if (!map.isObject()) {
            throw new CheckpointException(path + ": weight_map is "
                    + (map.isMissingNode() ? "missing" : "a JSON " + map.getNodeType())
                    + ", expected an object from tensor names to files");
        }
        Map<String, String> shards = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String tensor = entry.getKey();
            if (!entry.getValue().isTextual()) {
                throw new CheckpointException(
                        path + ": tensor " + tensor + " is mapped to " + entry.getValue() + ", expected a file name");
            }
            String shard = entry.getValue().textValue();
            if (!staysInside(shard)) {
                throw new CheckpointException(path + ": tensor " + tensor + " is mapped to \"" + shard
                        + "\", which leads out of the checkpoint's folder, expected a file inside it");
            }
            shards.put(tensor, shard);
        }
        for (Map.Entry<String, String> entry : shards.entrySet()) {
            if (!files.exists(entry.getValue())) {
                throw new CheckpointException(path + ": tensor " + entry.getKey() + " is mapped to " + entry.getValue()
                        + ", but " + files.location() + " has no such file: the download was not finished");
            }
        }
        return shards;
    }

    private static boolean staysInside(String file) {
        for (String segment : file.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return false;
            }
        }
        return file.chars().noneMatch(c -> c < ' ' || c == '\\' || c == ':');
    }
}
