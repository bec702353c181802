package dev.lockstep.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Writes checkpoints for tests: tensors given as fp32 values, stored as F32, F16 or BF16 (rounded to nearest even), in
 * one file or in shards, with a {@code config.json}.
 *
 * <pre>{@code
 * new SafetensorsWriter()
 *         .add("model.norm.weight", DType.BF16, new int[] {4}, 1, 2, 3, 4)
 *         .random("lm_head.weight", DType.F32, new int[] {7, 4}, 42, 0.05f)
 *         .checkpoint(folder, Map.of("model_type", "llama"));
 * }</pre>
 */
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(DType dtype, int[] shape, float[] values) {
        long bytes() {
            return (long) values.length * dtype.bytes();
        }
    }

    /** Adds a tensor; {@code values} are row-major and not copied. */
    public SafetensorsWriter add(String name, DType dtype, int[] shape, float... values) {
        long elements = 1;
        for (int dimension : shape) {
            elements *= dimension;
        }
        if (elements != values.length) {
            throw new IllegalArgumentException(name + " has " + values.length + " values, its shape says " + elements);
        }
        if (entries.put(name, new Entry(dtype, shape.clone(), values)) != null) {
            throw new IllegalArgumentException(name + " was added twice");
        }
        return this;
    }

    /** Adds a tensor of normal values with the given standard deviation, the same for the same seed. */
    public SafetensorsWriter random(String name, DType dtype, int[] shape, long seed, float deviation) {
        int elements = 1;
        for (int dimension : shape) {
            elements *= dimension;
        }
        Random random = new Random(seed);
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return add(name, dtype, shape, values);
    }

    /** What a reader returns for a tensor: its values after rounding to the stored dtype. */
    public float[] stored(String name) {
        Entry entry = entries.get(name);
        float[] rounded = new float[entry.values.length];
        for (int i = 0; i < rounded.length; i++) {
            rounded[i] = switch (entry.dtype) {
                case F32 -> entry.values[i];
                case BF16 -> Float.intBitsToFloat(toBFloat16(entry.values[i]) << 16);
                case F16 -> fromHalf(toHalf(entry.values[i]));
                default -> throw unsupported(entry.dtype);
            };
        }
        return rounded;
    }

    /** Writes {@code model.safetensors} and {@code config.json}; returns the folder. */
    public Path checkpoint(Path folder, Map<String, ?> config) {
        try {
            Files.createDirectories(folder);
            JSON.writerWithDefaultPrettyPrinter()
                    .writeValue(folder.resolve("config.json").toFile(), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write(folder.resolve("model.safetensors"));
        return folder;
    }

    /** Writes one file. */
    public void write(Path file) {
        write(file, new ArrayList<>(entries.keySet()));
    }

    /** Writes {@code model-0000i-of-0000n.safetensors} and their index, tensors dealt out in turn. */
    public void writeSharded(Path folder, int shards) {
        ObjectNode index = JSON.createObjectNode();
        ObjectNode map = JSON.createObjectNode();
        index.putObject("metadata")
                .put(
                        "total_size",
                        entries.values().stream().mapToLong(Entry::bytes).sum());
        index.set("weight_map", map);
        List<String> names = new ArrayList<>(entries.keySet());
        for (int shard = 0; shard < shards; shard++) {
            String file = String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
            List<String> own = new ArrayList<>();
            for (int i = shard; i < names.size(); i += shards) {
                own.add(names.get(i));
                map.put(names.get(i), file);
            }
            write(folder.resolve(file), own);
        }
        try {
            JSON.writeValue(folder.resolve("model.safetensors.index.json").toFile(), index);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(Path file, List<String> names) {
        ObjectNode header = JSON.createObjectNode();
        header.putObject("__metadata__").put("format", "pt");
        long offset = 0;
        for (String name : names) {
            Entry entry = entries.get(name);
            ObjectNode node = header.putObject(name).put("dtype", entry.dtype.name());
            var shape = node.putArray("shape");
            for (int dimension : entry.shape) {
                shape.add(dimension);
            }
            node.putArray("data_offsets").add(offset).add(offset + entry.bytes());
            offset += entry.bytes();
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
            head.putLong(padded).put(json);
            while (head.hasRemaining()) {
                head.put((byte) ' ');
            }
            writeFully(channel, head.flip());
            for (String name : names) {
                write(channel, entries.get(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(FileChannel channel, Entry entry) throws IOException {
        int chunk = 1 << 16;
        ByteBuffer buffer =
                ByteBuffer.allocateDirect(chunk * entry.dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int start = 0; start < entry.values.length; start += chunk) {
            buffer.clear();
            int end = Math.min(entry.values.length, start + chunk);
            for (int i = start; i < end; i++) {
                float value = entry.values[i];
                switch (entry.dtype) {
                    case F32 -> buffer.putFloat(value);
                    case BF16 -> buffer.putShort((short) toBFloat16(value));
                    case F16 -> buffer.putShort((short) toHalf(value));
                    default -> throw unsupported(entry.dtype);
                }
            }
            writeFully(channel, buffer.flip());
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static IllegalArgumentException unsupported(DType dtype) {
        return new IllegalArgumentException("the writer stores F32, F16 and BF16, not " + dtype);
    }

    private static int toBFloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (bits >>> 16 | 0x40) & 0xffff;
        }
        return bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    }

    /** Round to nearest even by scaling into the target's range, where the float unit itself does the rounding. */
    private static int toHalf(float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        float magnitude = Math.abs(value);
        if (Float.isNaN(value)) {
            return sign | 0x7e00;
        }
        if (magnitude >= 65520f) {
            return sign | 0x7c00;
        }
        int exponent = Math.max(-14, Math.getExponent(magnitude));
        // One unit in the last place of the half is 2^(exponent - 10); rint rounds ties to even.
        int units = (int) Math.rint(magnitude / Math.scalb(1.0, exponent - 10));
        // A carry out of the mantissa runs into the exponent, which is what is wanted; subnormals have no hidden bit.
        return sign | (exponent + 14 << 10) + units;
    }

    private static float fromHalf(int half) {
        int exponent = half >>> 10 & 0x1f;
        int mantissa = half & 0x3ff;
        double magnitude = exponent == 31
                ? (mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                : exponent == 0 ? Math.scalb(mantissa, -24) : Math.scalb(1024 + mantissa, exponent - 25);
        return (float) ((half & 0x8000) == 0 ? magnitude : -magnitude);
    }
}
