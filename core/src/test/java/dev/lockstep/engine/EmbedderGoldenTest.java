package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.backend.Pooling;
import dev.lockstep.checkpoint.SafetensorsArrays;
import dev.lockstep.generate.CheckpointText;
import dev.lockstep.generate.Embedder;
import dev.lockstep.generate.Embedding;
import dev.lockstep.generate.EmbeddingOptions;
import dev.lockstep.generate.EmbeddingRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Embeddings are what pooling a reference's hidden states gives, split or whole, alone or packed. */
final class EmbedderGoldenTest {
    private static final String FOLDER = "src/test/resources/goldens/bert-encoder";

    @ParameterizedTest
    @CsvSource({
        "MEAN,false,1,256",
        "MEAN,true,2,256",
        "CLS,false,2,256",
        "LAST,false,3,256",
        "MEAN,false,5,15",
        "CLS,true,1,14"
    })
    void embeddingsPoolTheHiddenStates(Pooling pooling, boolean normalize, int tp, int stepTokens) throws IOException {
        Map<String, float[]> expected = SafetensorsArrays.read(Path.of(FOLDER, "expected.safetensors"));
        JsonNode cases = new ObjectMapper()
                .readTree(Path.of(FOLDER, "expected.json").toFile())
                .get("cases");
        List<EmbeddingRequest> requests = new ArrayList<>();
        List<float[]> pooled = new ArrayList<>();
        // A request has no token types: only cases without them can be compared; they are run several times.
        for (int repeat = 0; repeat < 5; repeat++) {
            for (int i = 0; i < cases.size(); i++) {
                if (!cases.get(i).has("token_type_ids")) {
                    int[] tokens = ints(cases.get(i).get("input_ids"));
                    requests.add(new EmbeddingRequest(requests.size(), null, tokens));
                    pooled.add(pooled(expected.get("hidden." + i), tokens.length, pooling, normalize));
                }
            }
        }
        List<Embedding> found = new ArrayList<>();
        EngineOptions options = new EngineOptions(FOLDER, tp, "fp32", "max", 1, 1L << 30, stepTokens, 4);
        try (LocalGroup group = LocalGroup.open(options, false);
                CheckpointText text = CheckpointText.open(Path.of(FOLDER))) {
            Embedder embedder = new Embedder(
                    group.leader().stepRunner(),
                    group.leader().traits(),
                    text,
                    new EmbeddingOptions(pooling, normalize, 0));
            embedder.run(requests.iterator(), found::add, () -> false);
        }
        found.sort(Comparator.comparingLong(Embedding::id));

        assertThat(requests).isNotEmpty();
        assertThat(found).hasSameSizeAs(requests);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).error()).isNull();
            assertThat(found.get(i).vector()).containsExactly(pooled.get(i), Offset.offset(1e-4f));
        }
    }

    private static int[] ints(JsonNode list) {
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).asInt();
        }
        return values;
    }

    private static float[] pooled(float[] hidden, int rows, Pooling pooling, boolean normalize) {
        int width = hidden.length / rows;
        float[] vector = new float[width];
        for (int row = 0; row < rows; row++) {
            boolean counts = pooling == Pooling.MEAN || row == (pooling == Pooling.CLS ? 0 : rows - 1);
            for (int column = 0; counts && column < width; column++) {
                vector[column] += hidden[row * width + column] / (pooling == Pooling.MEAN ? rows : 1);
            }
        }
        double square = 0;
        for (float value : vector) {
            square += value * value;
        }
        for (int column = 0; normalize && column < width; column++) {
            vector[column] /= (float) Math.sqrt(square);
        }
        return vector;
    }
}
