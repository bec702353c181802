package dev.lockstep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Published layouts, with values taken from the files by other means. */
class GoldenCheckpointsTest {

    static Path golden(String id) {
        return Path.of("src/test/resources/goldens", id);
    }

    @Test
    void aTorchArchiveOfHalves() {
        try (Checkpoint checkpoint = Checkpoints.open(golden("opt"))) {
            assertThat(checkpoint.names()).hasSize(37);
            assertThat(Reads.whole(checkpoint, "model.decoder.embed_tokens.weight"))
                    .hasSize(128 * 32)
                    .startsWith(-0.06463623046875f, 0.346923828125f, 0.1796875f, -0.424072265625f);
            assertThat(Reads.whole(checkpoint, "lm_head.weight"))
                    .containsExactly(Reads.whole(checkpoint, "model.decoder.embed_tokens.weight"));
            assertThat(checkpoint.generationConfig()).isPresent();
        }
    }

    @Test
    void shardedTorchArchives() {
        try (Checkpoint checkpoint = Checkpoints.open(golden("baichuan-13b"))) {
            assertThat(checkpoint.generationConfig()).isEmpty();
            assertThat(Reads.whole(checkpoint, "model.embed_tokens.weight"))
                    .startsWith(-1.609375f, -2.234375f, 0.50390625f);
            assertThat(Reads.whole(checkpoint, "model.layers.0.mlp.down_proj.weight"))
                    .startsWith(0.11572265625f, 0.004547119140625f, 0.035888671875f);
            assertThat(Reads.whole(checkpoint, "model.layers.1.self_attn.o_proj.weight"))
                    .startsWith(0.0162353515625f, 0.0238037109375f, 0.005157470703125f);
        }
    }

    @Test
    void aTransposedMatrix() {
        try (Checkpoint checkpoint = Checkpoints.open(golden("gpt2"))) {
            String name = "h.0.attn.c_attn.weight";
            float[] stored = Reads.whole(checkpoint, name);
            assertThat(stored).startsWith(-0.2686029076576233f, 0.18429113924503326f, -0.3805084824562073f);
            int[] rows = IntStream.range(32, 64).toArray();
            float[] transposed = Reads.slice(
                    checkpoint, WeightExpression.transposed(name), new int[] {96, 32}, new int[][] {rows, null});
            for (int out = 0; out < 32; out++) {
                for (int in = 0; in < 32; in++) {
                    assertThat(transposed[out * 32 + in]).isEqualTo(stored[in * 96 + 32 + out]);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama2", "opt", "baichuan-13b", "gpt2"})
    void theHalvesOfTwoRanksAreTheWholeAndAddUpToItsBytes(String id) {
        try (Checkpoint checkpoint = Checkpoints.open(golden(id));
                WeightReader left = checkpoint.reader(TensorNames.EXACT);
                WeightReader right = checkpoint.reader(TensorNames.EXACT)) {
            for (String name : checkpoint.names()) {
                TensorInfo info = checkpoint.find(name, TensorNames.EXACT).orElseThrow();
                int[] shape = info.shape().stream().mapToInt(Integer::intValue).toArray();
                int last = shape.length - 1;
                WeightExpression weight = WeightExpression.tensor(name);
                float[] whole = Reads.whole(checkpoint, name);
                int cut = shape[last] / 3;
                float[] a = columns(left, weight, shape, 0, cut);
                float[] b = columns(right, weight, shape, cut, shape[last]);
                for (int i = 0; i < whole.length; i++) {
                    int row = i / shape[last];
                    int column = i % shape[last];
                    float found = column < cut ? a[row * cut + column] : b[row * (shape[last] - cut) + column - cut];
                    assertThat(found).isEqualTo(whole[i]);
                }
                assertThat(left.usefulBytes().getOrDefault(name, 0L)
                                + right.usefulBytes().getOrDefault(name, 0L))
                        .isEqualTo(info.bytes());
            }
        }
    }

    @Test
    void namesOfAnotherPrefixAreFound() {
        try (Checkpoint checkpoint = Checkpoints.open(golden("gpt2"))) {
            TensorNames names = TensorNames.prefixes("transformer.", "");
            assertThat(checkpoint.find("transformer.h.0.ln_1.weight", names))
                    .hasValueSatisfying(info -> assertThat(info)
                            .isEqualTo(new TensorInfo("h.0.ln_1.weight", DType.F32, List.of(32), "model.safetensors")));
            assertThat(checkpoint.find("transformer.h.9.ln_1.weight", names)).isEmpty();
        }
    }

    private static float[] columns(WeightReader reader, WeightExpression weight, int[] shape, int from, int to) {
        int[][] indices = new int[shape.length][];
        indices[shape.length - 1] = IntStream.range(from, to).toArray();
        float[] found = Reads.slice(reader, weight, shape, indices);
        assertThat(found)
                .hasSize(Arrays.stream(shape).reduce(1, (a, b) -> a * b) / shape[shape.length - 1] * (to - from));
        return found;
    }
}
