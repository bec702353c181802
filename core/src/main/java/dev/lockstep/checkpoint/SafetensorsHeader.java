package dev.lockstep.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Reads the header of a safetensors file: 8 bytes of length, then a JSON object from tensor names to dtype, shape and
 * data offsets, then the data. As the format requires, tensors may neither overlap nor leave gaps, and the last one
 * ends where the file ends.
 *
 * <p>Format: <a href="https://github.com/huggingface/safetensors#format">safetensors</a>.
 */
final class SafetensorsHeader {
    /** The format's own bound. */
    private static final long MOST_BYTES = 100_000_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private record Span(String tensor, long begin, long end) {}

    private final String path;
    private final PositionalFile file;
    private final List<StoredTensor> tensors = new ArrayList<>();
    private final List<Span> spans = new ArrayList<>();
    private long dataStart;

    private SafetensorsHeader(String path, PositionalFile file) {
        this.path = path;
        this.file = file;
    }

    /**
     * The tensors of a file, in the header's order.
     *
     * @param path the name of the file in messages
     * @throws CheckpointException if anything in the file is inconsistent
     */
    static List<StoredTensor> read(String path, PositionalFile file) {
        SafetensorsHeader header = new SafetensorsHeader(path, file);
        header.parse(header.load());
        header.checkSpans();
        return header.tensors;
    }

    private byte[] load() {
        if (file.size() < 8) {
            throw new CheckpointException(path + " has " + file.size()
                    + " bytes: truncated, a safetensors file starts with 8 bytes of length");
        }
        ByteBuffer prefix = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        file.readFully(0, prefix);
        long length = prefix.getLong(0);
        if (length < 2 || length > MOST_BYTES) {
            throw new CheckpointException(path + " says that its header has " + Long.toUnsignedString(length)
                    + " bytes, expected 2 to " + MOST_BYTES + ": not a safetensors file, or damaged");
        }
        if (length > file.size() - 8) {
            throw new CheckpointException(path + " says that its header has " + length
                    + " bytes, but the file ends after " + (file.size() - 8) + ": truncated");
        }
        dataStart = 8 + length;
        byte[] bytes = new byte[(int) length];
        file.readFully(8, ByteBuffer.wrap(bytes));
        return bytes;
    }

    private void parse(byte[] header) {
        // Tensor by tensor, never as a tree: a header at the bound would take gigabytes as nodes.
        try (JsonParser parser = JSON.createParser(header)) {
            expect(parser.nextToken() == JsonToken.START_OBJECT, "the header", "is not a JSON object");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (name.equals("__metadata__")) {
                    parser.skipChildren();
                } else {
                    tensor(name, parser);
                }
            }
            expect(parser.nextToken() == null, "the header", "goes on after its JSON object");
        } catch (JsonParseException e) {
            throw new CheckpointException(
                    path + ": the header is not valid JSON: " + e.getOriginalMessage() + " at byte "
                            + (8 + e.getLocation().getByteOffset()),
                    e);
        } catch (IOException e) {
            throw new CheckpointException(path + ": cannot read the header: " + e.getMessage(), e);
        }
    }

    private void tensor(String name, JsonParser parser) throws IOException {
        String tensor = "tensor " + name;
        expect(parser.currentToken() == JsonToken.START_OBJECT, tensor, "is not described by a JSON object");
        String type = null;
        long[] shape = null;
        long[] offsets = null;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            switch (key) {
                case "dtype" -> type = parser.getText();
                case "shape" -> shape = longs(tensor, key, parser);
                case "data_offsets" -> offsets = longs(tensor, key, parser);
                default -> parser.skipChildren();
            }
        }
        expect(type != null && shape != null && offsets != null, tensor, "lacks dtype, shape or data_offsets");
        DType dtype = dtype(tensor, type);
        List<Integer> dimensions = TensorShapes.checked(path, name, shape);
        TensorInfo info = new TensorInfo(name, dtype, dimensions, file.name());
        long bytes = TensorShapes.bytes(path, name, shape, dtype);
        expect(offsets.length == 2, tensor, "has " + offsets.length + " data_offsets, expected begin and end");
        expect(offsets[0] <= offsets[1], tensor, "ends at " + offsets[1] + ", before it begins at " + offsets[0]);
        expect(
                offsets[1] <= file.size() - dataStart,
                tensor,
                "ends at byte " + offsets[1] + " of the data, which has " + (file.size() - dataStart)
                        + ": the file is truncated or the offsets are wrong");
        expect(
                offsets[1] - offsets[0] == bytes,
                tensor,
                "takes " + (offsets[1] - offsets[0]) + " bytes, but " + dtype + " " + dimensions + " needs " + bytes);
        spans.add(new Span(name, offsets[0], offsets[1]));
        long[] strides = StoredTensor.rowMajor(dimensions);
        tensors.add(new StoredTensor(info, file, dataStart + offsets[0], strides, ByteOrder.LITTLE_ENDIAN));
    }

    private DType dtype(String tensor, String name) {
        try {
            return DType.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(path + ": " + tensor + " has dtype " + name + ", expected one of "
                    + Arrays.toString(DType.values()));
        }
    }

    private long[] longs(String tensor, String key, JsonParser parser) throws IOException {
        expect(parser.currentToken() == JsonToken.START_ARRAY, tensor, "has a " + key + " that is not a list");
        long[] values = new long[8];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    && parser.getLongValue() >= 0;
            expect(whole, tensor, "has " + parser.getText() + " in " + key + ", expected a whole number from 0 on");
            values = count == values.length ? Arrays.copyOf(values, 2 * count) : values;
            values[count++] = parser.getLongValue();
        }
        return Arrays.copyOf(values, count);
    }

    private void checkSpans() {
        spans.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
        long end = 0;
        String before = "the header";
        for (Span span : spans) {
            expect(
                    span.begin >= end,
                    "tensor " + span.tensor,
                    "begins at byte " + span.begin + " of the data and overlaps " + before + ", which ends at " + end);
            expect(
                    span.begin == end,
                    "tensor " + span.tensor,
                    "begins at byte " + span.begin + " of the data, expected " + end + ", where " + before
                            + " ends: the format allows no gaps");
            end = span.end;
            before = "tensor " + span.tensor;
        }
        expect(
                end == file.size() - dataStart,
                "the data",
                "goes on for " + (file.size() - dataStart - end) + " bytes after " + before
                        + ": the format allows none");
    }

    private void expect(boolean holds, String what, String found) {
        if (!holds) {
            throw new CheckpointException(path + ": " + what + " " + found);
        }
    }
}
