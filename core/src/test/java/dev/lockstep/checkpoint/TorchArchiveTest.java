package dev.lockstep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchArchiveTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void config() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void viewsWithAnyStridesReadLikeTheirElements(boolean zip64) {
        byte[] pickle = new PickleWriter()
                .start()
                .tensor("rows", "FloatStorage", "0", 6, 0, new int[] {2, 3}, 3, 1)
                .tensor("columns", "FloatStorage", "0", 6, 0, new int[] {3, 2}, 1, 3)
                .tensor("tail", "FloatStorage", "0", 6, 4, new int[] {2}, 1)
                .tensor("expanded", "FloatStorage", "0", 6, 1, new int[] {2, 2}, 0, 2)
                .tensor("scalar", "FloatStorage", "0", 6, 5, new int[0])
                .end();
        archive(zip64, pickle, floats(ByteOrder.LITTLE_ENDIAN, 1, 2, 3, 4, 5, 6))
                .write(bin());
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.names()).containsExactlyInAnyOrder("rows", "columns", "tail", "expanded", "scalar");
            assertThat(Reads.whole(checkpoint, "rows")).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(Reads.whole(checkpoint, "columns")).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(Reads.whole(checkpoint, "tail")).containsExactly(5, 6);
            assertThat(Reads.whole(checkpoint, "expanded")).containsExactly(2, 4, 2, 4);
            assertThat(Reads.whole(checkpoint, "scalar")).containsExactly(6);
        }
    }

    @Test
    void bigEndianStoragesAreSwapped() {
        byte[] pickle = new PickleWriter()
                .start()
                .tensor("w", "FloatStorage", "0", 2, 0, new int[] {2}, 1)
                .end();
        archive(false, pickle, floats(ByteOrder.BIG_ENDIAN, 1.5f, -2))
                .entry("archive/byteorder", "big".getBytes())
                .write(bin());
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(Reads.whole(checkpoint, "w")).containsExactly(1.5f, -2);
        }
    }

    @Test
    void integerStoragesReadAsNumbers() {
        byte[] pickle = new PickleWriter()
                .start()
                .tensor("bytes", "ByteStorage", "0", 3, 0, new int[] {3}, 1)
                .tensor("flags", "BoolStorage", "0", 3, 0, new int[] {3}, 1)
                .tensor("signed", "CharStorage", "0", 3, 0, new int[] {3}, 1)
                .end();
        archive(false, pickle, new byte[] {0, 2, -1}).write(bin());
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(Reads.whole(checkpoint, "bytes")).containsExactly(0, 2, 255);
            assertThat(Reads.whole(checkpoint, "flags")).containsExactly(0, 1, 1);
            assertThat(Reads.whole(checkpoint, "signed")).containsExactly(0, 2, -1);
        }
    }

    @Test
    void parametersAreTheirTensors() {
        PickleWriter pickle = new PickleWriter().start().text("w").global("torch._utils", "_rebuild_parameter");
        pickle.op('(')
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .op('(')
                .text("storage");
        pickle.global("torch", "FloatStorage")
                .text("0")
                .text("cpu")
                .number(1)
                .op('t')
                .op('Q');
        pickle.number(0)
                .tuple(1)
                .tuple(1)
                .op('t')
                .op('R')
                .raw(0x89, 'N')
                .op('t')
                .op('R');
        archive(false, pickle.end(), floats(ByteOrder.LITTLE_ENDIAN, 7)).write(bin());
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(Reads.whole(checkpoint, "w")).containsExactly(7);
        }
    }

    @Test
    void globalsOfOthersAreRefusedByName() {
        byte[] pickle = new PickleWriter()
                .raw(0x80, 2)
                .global("posix", "system")
                .text("true")
                .raw(0x85)
                .op('R')
                .op('.')
                .bytes();
        refused(archive(false, pickle, new byte[4]), "pytorch_model.bin", "posix.system", "refused without being run");
    }

    @Test
    void globalsTheLibraryKnowsAreRefusedToo() {
        byte[] named = new PickleWriter()
                .raw(0x80, 4)
                .text("decimal")
                .text("Decimal")
                .raw(0x93)
                .op('.')
                .bytes();
        refused(archive(false, named, new byte[4]), "decimal.Decimal");
    }

    @ParameterizedTest
    @ValueSource(ints = {'i', 'o', 0x81, 0x92, 'P', 'd', 0x8f, 0x82, 0x97})
    void operationsThatStateDictsLackAreRefused(int opcode) {
        refused(
                archive(
                        false,
                        new PickleWriter().raw(0x80, 2, opcode, 0, 0, '.').bytes(),
                        new byte[4]),
                String.format("0x%02x", opcode));
    }

    @Test
    void announcedLengthsAreNeverAllocated() {
        byte[] pickle =
                new PickleWriter().raw(0x80, 2).op('X').int32(Integer.MAX_VALUE).bytes();
        refused(archive(false, pickle, new byte[4]), "announces 2147483647 bytes", "0 are left");
    }

    @Test
    void keysMustBeStrings() {
        byte[] pickle = new PickleWriter()
                .raw(0x80, 2)
                .op('}')
                .op(']')
                .number(1)
                .op('s')
                .op('.')
                .bytes();
        refused(archive(false, pickle, new byte[4]), "as a key, expected a string");
    }

    @Test
    void unbalancedPicklesAreRefused() {
        refused(archive(false, new PickleWriter().raw(0x80, 2, 'R', '.').bytes(), new byte[4]), "data.pkl is refused");
        refused(archive(false, new PickleWriter().raw(0x80, 2, '(').bytes(), new byte[4]), "data.pkl is refused");
        refused(archive(false, new PickleWriter().raw(0x80, 2, ']', '.').bytes(), new byte[4]), "expected a dict");
    }

    @Test
    void viewsThatLeaveTheirStorageAreRefused() {
        byte[] pickle = new PickleWriter()
                .start()
                .tensor("wide", "FloatStorage", "0", 6, 1, new int[] {2, 3}, 3, 1)
                .end();
        refused(archive(false, pickle, new byte[24]), "tensor wide", "[2, 3]", "leaves it");
        byte[] backwards = new PickleWriter()
                .start()
                .tensor("back", "FloatStorage", "0", 6, 5, new int[] {2}, -1)
                .end();
        refused(archive(false, backwards, new byte[24]), "tensor back", "leaves it");
    }

    @Test
    void storagesMustHoldWhatTheySay() {
        byte[] pickle = new PickleWriter()
                .start()
                .tensor("w", "FloatStorage", "0", 6, 0, new int[] {6}, 1)
                .end();
        refused(archive(false, pickle, new byte[20]), "storage 0 of tensor w has 20 bytes", "6 elements of F32");
        refused(
                new ZipWriter(false).entry("archive/data.pkl", pickle),
                "tensor w lies in storage 0",
                "no entry archive/data/0");
    }

    @Test
    void compressedAndOversizedEntriesAreRefused() {
        byte[] pickle = new PickleWriter()
                .start()
                .tensor("w", "FloatStorage", "0", 1, 0, new int[] {1}, 1)
                .end();
        refused(
                new ZipWriter(false).entry("archive/data.pkl", pickle).method(8).entry("archive/data/0", new byte[4]),
                "archive/data/0 is compressed (method 8)");
        refused(
                new ZipWriter(false)
                        .entry("archive/data.pkl", pickle)
                        .exaggerate(1 << 20)
                        .entry("archive/data/0", new byte[4]),
                "archive/data/0 has 1048580 bytes",
                "truncated");
    }

    @Test
    void truncatedArchivesAreRefused() throws IOException {
        byte[] pickle = new PickleWriter().start().end();
        byte[] whole = archive(false, pickle, new byte[400]).bytes();
        for (int length : new int[] {4, 40, 200, whole.length - 1}) {
            Files.write(bin(), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Checkpoints.open(folder))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("truncated");
        }
    }

    @Test
    void theOldFormatIsNamedWithItsRemedy() throws IOException {
        Files.write(bin(), new byte[] {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc, (byte) 0x9c, 0x46});
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("torch before 1.6")
                .hasMessageContaining("torch.save(torch.load(");
    }

    @Test
    void damagedArchivesGiveCheckpointErrorsAndNoOthers() throws IOException {
        byte[] pickle = new PickleWriter()
                .start()
                .tensor("a", "FloatStorage", "0", 6, 0, new int[] {2, 3}, 3, 1)
                .tensor("b", "HalfStorage", "0", 12, 2, new int[] {3}, 1)
                .end();
        byte[] whole = archive(true, pickle, new byte[24]).bytes();
        Random random = new Random(7);
        for (int round = 0; round < 5000; round++) {
            byte[] damaged = whole.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            Files.write(bin(), damaged);
            try (Checkpoint checkpoint = Checkpoints.open(folder)) {
                assertThat(checkpoint.hasWeights()).isTrue();
            } catch (CheckpointException e) {
                assertThat(e).hasMessageContaining("pytorch_model.bin");
            }
        }
    }

    private Path bin() {
        return folder.resolve("pytorch_model.bin");
    }

    private void refused(ZipWriter archive, String... parts) {
        archive.write(bin());
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(parts);
    }

    private static ZipWriter archive(boolean zip64, byte[] pickle, byte[] storage) {
        return new ZipWriter(zip64).entry("archive/data.pkl", pickle).entry("archive/data/0", storage);
    }

    private static byte[] floats(ByteOrder order, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(order);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
