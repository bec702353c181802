package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.checkpoint.Checkpoint;
import dev.lockstep.checkpoint.Checkpoints;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RandomCheckpointsTest {
    @TempDir
    Path folder;

    static List<String> names() {
        return RandomCheckpoints.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyWeightIsStoredAndEveryTensorUsed(String name) {
        for (long seed = 0; seed < 12; seed++) {
            Path written =
                    RandomCheckpoints.write(folder.resolve(name + seed), name, seed, RandomCheckpoints.Depth.FAST);
            try (Checkpoint checkpoint = Checkpoints.open(written)) {
                Model model = Architectures.build(checkpoint);
                Set<String> unused = new TreeSet<>(checkpoint.names());
                for (Weight weight : model.graph().weights()) {
                    for (StoredWeight declared : StoredWeight.of(weight)) {
                        assertThat(checkpoint.find(declared.name(), model.names()))
                                .hasValueSatisfying(
                                        found -> assertThat(found.shape()).isEqualTo(declared.shape()));
                        unused.remove(declared.name());
                    }
                }
                assertThat(unused).isEmpty();
                assertThat(Architectures.unknownKeys(checkpoint.config())).isEmpty();
            }
        }
    }

    @Test
    void everyFamilyIsDrawn() {
        Set<String> drawn = new TreeSet<>();
        for (String name : names()) {
            for (long seed = 0; seed < 8; seed++) {
                drawn.add((String) RandomConfigs.draw(name, new Draw(seed), 2).get("model_type"));
            }
        }
        assertThat(drawn).containsAll(Architectures.modelTypes());
    }

    @Test
    void theSameSeedWritesTheSame() throws IOException {
        Path first = RandomCheckpoints.write(folder.resolve("a"), "gpt2", 7, RandomCheckpoints.Depth.FULL);
        Path second = RandomCheckpoints.write(folder.resolve("b"), "gpt2", 7, RandomCheckpoints.Depth.FULL);
        for (String file : List.of("config.json", "model.safetensors")) {
            assertThat(Files.readAllBytes(first.resolve(file))).isEqualTo(Files.readAllBytes(second.resolve(file)));
        }
        assertThat(Checkpoints.open(first).names()).contains("transformer.h.4.ln_2.bias");
    }

    @Test
    void anUnknownNameListsTheKnownOnes() {
        assertThatThrownBy(() -> RandomCheckpoints.write(folder, "gpt5", 0, RandomCheckpoints.Depth.FAST))
                .hasMessageContaining("no random checkpoints of 'gpt5', expected one of [")
                .hasMessageContaining(", bert-encoder, ");
    }
}
