package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.VectorSupport;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A JVM of its own, started as the command line starts one, loads a checkpoint whose embedding alone has 197 MB in fp32: a
 * second copy of it would show.
 */
@EnabledOnOs(value = OS.LINUX, disabledReason = "other systems do not say what a process has in memory")
class LoadingPeakTest {
    private static final long MOST_BESIDE_WEIGHTS = 300_000_000;
    private static final int VOCABULARY = 48_000;
    private static final int HIDDEN = 1024;
    private static final int INNER = 2816;

    @TempDir
    private static Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"bf16", "int8"})
    void loadingTakesLittleBesideThePackedWeights(String dtype) throws IOException, InterruptedException {
        writeCheckpoint(folder);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(VectorSupport.AVAILABLE ? List.of("--add-modules", "jdk.incubator.vector") : List.of());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmn16m", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(LoadedOnce.class.getName(), folder.toString(), dtype));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(Map.of("MALLOC_ARENA_MAX", "2", "MALLOC_TRIM_THRESHOLD_", "131072"));
        Process process = builder.start();
        String[] output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip()
                .split("\\s+");
        assertThat(process.waitFor()).isZero();

        long weights = Long.parseLong(output[0]);
        long peak = Long.parseLong(output[1]);
        assertThat(weights).isGreaterThan((long) VOCABULARY * HIDDEN);
        assertThat(peak - weights).isPositive().isLessThan(MOST_BESIDE_WEIGHTS);
    }

    /** All zeros, which a file system need not store. */
    private static void writeCheckpoint(Path folder) throws IOException {
        Map<String, int[]> shapes = new LinkedHashMap<>();
        shapes.put("model.embed_tokens.weight", new int[] {VOCABULARY, HIDDEN});
        shapes.put("model.norm.weight", new int[] {HIDDEN});
        String layer = "model.layers.0.";
        shapes.put(layer + "input_layernorm.weight", new int[] {HIDDEN});
        shapes.put(layer + "post_attention_layernorm.weight", new int[] {HIDDEN});
        for (String name : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
            shapes.put(layer + "self_attn." + name + ".weight", new int[] {HIDDEN, HIDDEN});
        }
        shapes.put(layer + "mlp.gate_proj.weight", new int[] {INNER, HIDDEN});
        shapes.put(layer + "mlp.up_proj.weight", new int[] {INNER, HIDDEN});
        shapes.put(layer + "mlp.down_proj.weight", new int[] {HIDDEN, INNER});
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
                 "hidden_size": %d, "intermediate_size": %d, "num_attention_heads": 16, "num_hidden_layers": 1,
                 "max_position_embeddings": 512, "vocab_size": %d, "rms_norm_eps": 1e-6,
                 "tie_word_embeddings": true}
                """.formatted(HIDDEN, INNER, VOCABULARY));
        long[] end = {0};
        String header = shapes.entrySet().stream()
                .map(tensor -> {
                    long start = end[0];
                    long elements = 1;
                    for (int length : tensor.getValue()) {
                        elements *= length;
                    }
                    end[0] += elements * Float.BYTES;
                    return "\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                            .formatted(tensor.getKey(), Arrays.toString(tensor.getValue()), start, end[0]);
                })
                .collect(Collectors.joining(",", "{", "}"));
        byte[] json = header.getBytes(StandardCharsets.US_ASCII);
        try (RandomAccessFile file =
                new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
            ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            file.write(length.putLong(json.length).array());
            file.write(json);
            file.setLength(Long.BYTES + json.length + end[0]);
        }
    }
}
