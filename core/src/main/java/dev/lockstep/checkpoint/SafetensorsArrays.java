package dev.lockstep.checkpoint;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads a small safetensors file whole: arrays of a reference's outputs, not weights. */
public final class SafetensorsArrays {
    private static final long MOST_BYTES = 1 << 30;

    private SafetensorsArrays() {}

    /**
     * All arrays of the file, flat and converted to fp32.
     *
     * @throws CheckpointException naming the file, if it is damaged or above 1 GiB
     */
    public static Map<String, float[]> read(Path path) {
        Map<String, float[]> arrays = new LinkedHashMap<>();
        try (PositionalFile file = new LocalFile(path.getFileName().toString(), path)) {
            if (file.size() > MOST_BYTES) {
                throw new CheckpointException(path + " has " + file.size() + " bytes, expected at most " + MOST_BYTES);
            }
            for (StoredTensor tensor : SafetensorsHeader.read(path.toString(), file)) {
                int bytes = Math.toIntExact(tensor.info().bytes());
                ByteBuffer raw = ByteBuffer.allocate(bytes).order(tensor.order());
                file.readFully(tensor.offset(), raw);
                raw.flip();
                float[] values = new float[Math.toIntExact(tensor.info().elements())];
                new Elements().convert(raw.order(tensor.order()), tensor.info().dtype(), values.length, values);
                arrays.put(tensor.info().name(), values);
            }
        }
        return arrays;
    }
}
