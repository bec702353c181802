package dev.lockstep.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads the small files of a checkpoint whole: JSON and references. */
final class SmallFiles {
    /** Indexes of the largest published checkpoints hold some ten megabytes. */
    static final long MOST_BYTES = 100L << 20;

    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private SmallFiles() {}

    static byte[] bytes(CheckpointFiles files, String name) {
        try (PositionalFile file = files.open(name)) {
            if (file.size() > MOST_BYTES) {
                throw new CheckpointException(path(files, name) + " has " + file.size() + " bytes, expected at most "
                        + MOST_BYTES + " for a file of this kind");
            }
            byte[] bytes = new byte[(int) file.size()];
            file.readFully(0, ByteBuffer.wrap(bytes));
            return bytes;
        }
    }

    static String text(CheckpointFiles files, String name) {
        return new String(bytes(files, name), StandardCharsets.UTF_8);
    }

    static JsonNode json(CheckpointFiles files, String name) {
        try {
            return JSON.readTree(bytes(files, name));
        } catch (JsonProcessingException e) {
            throw new CheckpointException(
                    path(files, name) + " is not valid JSON: " + e.getOriginalMessage() + " at line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
                    e);
        } catch (IOException e) {
            throw new CheckpointException("cannot read " + path(files, name) + ": " + e, e);
        }
    }

    static String path(CheckpointFiles files, String name) {
        return files.location() + "/" + name;
    }
}
