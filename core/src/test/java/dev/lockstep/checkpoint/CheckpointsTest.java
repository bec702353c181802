package dev.lockstep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {
    @TempDir
    private Path folder;

    @Test
    void theSnapshotThatRefsMainNamesIsOpened() throws IOException {
        Path repository = folder.resolve("models--org--name");
        for (String revision : new String[] {"abc123", "def456"}) {
            Path blobs = Files.createDirectories(repository.resolve("blobs"));
            Path snapshot = Files.createDirectories(repository.resolve("snapshots/" + revision));
            Path blob = Files.writeString(blobs.resolve(revision), "{\"model_type\":\"" + revision + "\"}");
            Files.createSymbolicLink(snapshot.resolve("config.json"), snapshot.relativize(blob));
        }
        assertThatThrownBy(() -> Checkpoints.open(repository))
                .hasMessageContainingAll("without refs/main", "abc123", "def456");
        Files.createDirectories(repository.resolve("refs"));
        Files.writeString(repository.resolve("refs/main"), "def456\n");
        try (Checkpoint checkpoint = Checkpoints.open(repository)) {
            assertThat(checkpoint.config().modelType()).isEqualTo("def456");
            assertThat(checkpoint.location()).endsWith("snapshots/def456");
        }
        Files.writeString(repository.resolve("refs/main"), "../../elsewhere");
        assertThatThrownBy(() -> Checkpoints.open(repository))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("refs/main", "../../elsewhere", "[abc123, def456]");
    }

    @Test
    void aFolderWithoutCheckpointSaysWhereItLooked() throws IOException {
        Files.writeString(folder.resolve("README.md"), "");
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(folder + "/config.json", "holds [README.md]");
        assertThatThrownBy(() -> Checkpoints.open(folder.resolve("none")))
                .hasMessageContainingAll("none/config.json", "is empty or does not exist");
    }

    @Test
    void aConfigurationWithoutWeightsOpensButDoesNotRead() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.writeString(folder.resolve("tf_model.h5"), "");
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.hasWeights()).isFalse();
            assertThat(checkpoint.names()).isEmpty();
            assertThatThrownBy(() -> checkpoint.reader(TensorNames.EXACT))
                    .hasMessageContainingAll("no weights", "model.safetensors", "pytorch_model.bin", "tf_model.h5");
        }
    }

    @Test
    void damagedConfigurationsNameTheirFile() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\n\"a\": }");
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("config.json is not valid JSON", "line 2");
    }

    @Test
    void shardsAreFoundThroughTheirIndex() throws IOException {
        SafetensorsWriter writer = sharded();
        try (Checkpoint checkpoint = Checkpoints.open(folder)) {
            assertThat(checkpoint.names()).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(Reads.whole(checkpoint, "b")).containsExactly(writer.stored("b"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../x.safetensors",
                "/etc/passwd",
                "a/../../x.safetensors",
                "C:x.safetensors",
                "..\\\\x",
                "a//b",
                ""
            })
    void indexPathsThatClimbOutAreRefused(String path) throws IOException {
        sharded();
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"" + path + "\"}}");
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("index.json: tensor a is mapped to", "leads out of the checkpoint's folder");
    }

    @Test
    void indexesThatDoNotFitTheirShardsAreRefused() throws IOException {
        sharded();
        String index = "model.safetensors.index.json";
        String shard = "model-00001-of-00002.safetensors";
        refused(index, "{\"weight_map\":{\"zz\":\"" + shard + "\"}}", "tensor zz", shard, "no tensor of that name");
        refused(index, "{\"weight_map\":{\"a\":\"gone.safetensors\"}}", "tensor a", "gone.safetensors", "no such file");
        refused(index, "{\"weight_map\":{\"a\":7}}", "tensor a is mapped to 7");
        refused(index, "{\"weight_map\":[]}", "weight_map is a JSON ARRAY");
        refused(index, "{}", "weight_map is missing");
        refused(index, "{\"weight_map\":{\"a\":\"" + shard + "\",\"a\":\"" + shard + "\"}}", "Duplicate field 'a'");
    }

    private void refused(String file, String content, String... parts) throws IOException {
        Files.writeString(folder.resolve(file), content);
        assertThatThrownBy(() -> Checkpoints.open(folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll(parts)
                .hasMessageContaining(file);
    }

    private SafetensorsWriter sharded() throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter()
                .random("a", DType.F32, new int[] {2, 3}, 1, 1)
                .random("b", DType.BF16, new int[] {4}, 2, 1)
                .random("c", DType.F16, new int[] {1}, 3, 1);
        writer.checkpoint(folder, Map.of("model_type", "llama"));
        Files.delete(folder.resolve("model.safetensors"));
        writer.writeSharded(folder, 2);
        return writer;
    }
}
