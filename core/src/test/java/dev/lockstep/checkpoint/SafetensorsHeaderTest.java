package dev.lockstep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsHeaderTest {
    @TempDir
    private Path folder;

    @Test
    void roundTripOfEveryStoredType() {
        float[] values = {0, -0f, 1, -1.5f, 3.14159f, 65504, 1e-7f, 6.1e-5f, 5.96e-8f, Float.POSITIVE_INFINITY};
        SafetensorsWriter writer = new SafetensorsWriter();
        for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
            writer.add(dtype.name(), dtype, new int[] {2, 5}, values);
        }
        try (Checkpoint checkpoint = Checkpoints.open(writer.checkpoint(folder, Map.of("model_type", "llama")))) {
            assertThat(checkpoint.config().modelType()).isEqualTo("llama");
            for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
                assertThat(Reads.whole(checkpoint, dtype.name())).containsExactly(writer.stored(dtype.name()));
            }
            // The smallest half, exactly; and a value that two bytes cannot hold.
            assertThat(Reads.whole(checkpoint, "F16")[8]).isEqualTo(0x1p-24f);
            assertThat(Reads.whole(checkpoint, "F16")[4]).isEqualTo(3.140625f);
            assertThat(Reads.whole(checkpoint, "BF16")[4]).isEqualTo(3.140625f);
        }
    }

    @Test
    void everyHalfIsConvertedAsIeeeSays() throws IOException {
        ByteBuffer data = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 1 << 16; bits++) {
            data.putShort((short) bits);
        }
        write("{\"h\":{\"dtype\":\"F16\",\"shape\":[65536],\"data_offsets\":[0,131072]}}", data.array());
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            float[] found = Reads.whole(checkpoint, "h");
            for (int bits = 0; bits < 1 << 16; bits++) {
                int exponent = bits >> 10 & 31;
                int mantissa = bits & 1023;
                double magnitude = exponent == 0 ? mantissa * 0x1p-24 : Math.scalb(1024.0 + mantissa, exponent - 25);
                magnitude = exponent < 31 ? magnitude : mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
                // Boxed, so that NaN equals NaN and the two zeros differ.
                Float expected = (float) ((bits & 0x8000) == 0 ? magnitude : -magnitude);
                assertThat(found[bits]).isEqualTo(expected);
            }
        }
    }

    @Test
    void filesPastTwoGibibytesAreReadByLongOffsets() throws IOException {
        // A sparse file: it takes no room on the disk.
        long large = 3L << 30;
        String header = "{\"hole\":{\"dtype\":\"U8\",\"shape\":[3,1073741824],\"data_offsets\":[0," + large + "]},"
                + "\"end\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + large + "," + (large + 8) + "]}}";
        write(header, new byte[0]);
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
            long start = file.length();
            file.setLength(start + large + 8);
            file.seek(start + large);
            file.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(4)
                    .putFloat(-2)
                    .array());
            file.seek(start + large - 1);
            file.write(9);
        }
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(Reads.whole(checkpoint, "end")).containsExactly(4, -2);
            int[][] corner = {{0, 2}, {(1 << 30) - 2, (1 << 30) - 1}};
            assertThat(Reads.slice(checkpoint, WeightExpression.tensor("hole"), new int[] {3, 1 << 30}, corner))
                    .containsExactly(0, 0, 0, 9);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[]                                                       | is not a JSON object",
                "{\"w\":1}                                                | tensor w is not described by a JSON object",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1]}}                 | tensor w lacks dtype, shape or data_offsets",
                "{\"w\":{\"dtype\":\"Q7\",\"shape\":[1],\"data_offsets\":[0,4]}} | tensor w has dtype Q7, expected one of [F64",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | takes 4 bytes, but F32 [2] needs 8",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | tensor w has -1 in shape",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}} | tensor w has 1.5 in shape",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2147483648],\"data_offsets\":[0,4]}} | expected axes of 0 to",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2147483647,2147483647,9],\"data_offsets\":[0,4]}} | more than 2^63 bytes",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}} | ends at byte 12 of the data, which has 8",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}} | ends at 0, before it begins at 4",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}} | in data_offsets, expected a whole number",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}}   | has 1 data_offsets",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | tensor w begins at byte 4 of the data, expected 0",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | goes on for 4 bytes after tensor w",
                "{\"v\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | tensor w begins at byte 4 of the data and overlaps tensor v",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | Duplicate field 'w'",
                "{\"w\":{\"dtype\":\"F32\"                                 | is not valid JSON",
                "{} x                                                     | is not valid JSON",
            })
    void headersThatDoNotAddUpAreRefused(String header, String reason) throws IOException {
        write(header, new byte[8]);
        refused(reason);
    }

    @Test
    void lengthsOfHeadersAreCheckedBeforeAnythingIsRead() throws IOException {
        bytes(little(1L << 40));
        refused("its header has 1099511627776 bytes, expected 2 to 100000000");
        bytes(little(-1));
        refused("its header has 18446744073709551615 bytes");
        bytes(little(4096));
        refused("its header has 4096 bytes, but the file ends after 0: truncated");
        bytes(new byte[3]);
        refused("has 3 bytes: truncated");
    }

    @Test
    void anyTruncationOfASoundFileIsRefused() throws IOException {
        new SafetensorsWriter()
                .random("a", DType.F32, new int[] {3, 5}, 1, 1)
                .random("b", DType.BF16, new int[] {7}, 2, 1)
                .checkpoint(folder, Map.of());
        byte[] whole = Files.readAllBytes(folder.resolve("model.safetensors"));
        for (int length = 0; length < whole.length; length++) {
            bytes(Arrays.copyOf(whole, length));
            refused("model.safetensors");
        }
    }

    @Test
    void damagedFilesGiveCheckpointErrorsAndNoOthers() throws IOException {
        new SafetensorsWriter()
                .random("a", DType.F32, new int[] {3, 5}, 1, 1)
                .random("b", DType.BF16, new int[] {7}, 2, 1)
                .checkpoint(folder, Map.of());
        byte[] whole = Files.readAllBytes(folder.resolve("model.safetensors"));
        Random random = new Random(5);
        for (int round = 0; round < 2000; round++) {
            byte[] damaged = whole.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damaged[random.nextInt(damaged.length - 60)] = (byte) random.nextInt(256);
            }
            bytes(damaged);
            try (Checkpoint checkpoint = Checkpoints.open(folder)) {
                checkpoint.names().forEach(name -> Reads.whole(checkpoint, name));
            } catch (CheckpointException e) {
                assertThat(e).hasMessageContaining("model.safetensors");
            }
        }
    }

    private void refused(String reason) {
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("model.safetensors")
                .hasMessageContaining(reason);
    }

    private void write(String header, byte[] data) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        bytes(ByteBuffer.allocate(8 + json.length + data.length)
                .put(little(json.length))
                .put(json)
                .put(data)
                .array());
    }

    private void bytes(byte[] content) throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.write(folder.resolve("model.safetensors"), content);
    }

    private static byte[] little(long value) {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }
}
