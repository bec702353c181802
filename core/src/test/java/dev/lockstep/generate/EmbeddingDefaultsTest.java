package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EmbeddingDefaultsTest {
    @TempDir
    private Path folder;

    private void write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content.replace('\'', '"'));
    }

    private void modules(String... types) throws IOException {
        StringBuilder list = new StringBuilder("[");
        for (int i = 0; i < types.length; i++) {
            String path = types[i].equals("Transformer") ? "" : i + "_" + types[i];
            list.append(i == 0 ? "" : ",")
                    .append("{'idx': ")
                    .append(i)
                    .append(", 'path': '")
                    .append(path);
            list.append("', 'type': 'sentence_transformers.models.")
                    .append(types[i])
                    .append("'}");
        }
        write("modules.json", list.append("]").toString());
    }

    @Test
    void withoutFilesItIsThePlainMean() {
        assertThat(EmbeddingDefaults.read(folder)).isEqualTo(new EmbeddingOptions(Pooling.MEAN, false, 0));
    }

    @ParameterizedTest
    @CsvSource({
        "pooling_mode_mean_tokens,MEAN",
        "pooling_mode_cls_token,CLS",
        "pooling_mode_lasttoken,LAST",
    })
    void modulesSayHow(String mode, Pooling pooling) throws IOException {
        modules("Transformer", "Pooling", "Normalize");
        write(
                "1_Pooling/config.json",
                "{'word_embedding_dimension': 8, 'pooling_mode_max_tokens': false, '" + mode + "': true}");
        write("sentence_bert_config.json", "{'max_seq_length': 77, 'do_lower_case': false}");

        assertThat(EmbeddingDefaults.read(folder)).isEqualTo(new EmbeddingOptions(pooling, true, 77));
    }

    @Test
    void whatIsNotServedIsRefused() throws IOException {
        modules("Transformer", "Pooling", "Dense");
        write("1_Pooling/config.json", "{'pooling_mode_mean_tokens': true}");
        assertRefused("modules.json lists the module sentence_transformers.models.Dense");

        modules("Transformer", "Pooling");
        write("1_Pooling/config.json", "{'pooling_mode_max_tokens': true}");
        assertRefused("asks for pooling_mode_max_tokens");
        write("1_Pooling/config.json", "{'pooling_mode_mean_tokens': true, 'pooling_mode_cls_token': true}");
        assertRefused("beside");
        write("1_Pooling/config.json", "{}");
        assertRefused("names no pooling");

        write("1_Pooling/config.json", "{'pooling_mode_mean_tokens': true}");
        write("config_sentence_transformers.json", "{'prompts': {'query': 'q: '}, 'default_prompt_name': 'query'}");
        assertRefused("puts the prompt 'query' before every text");
    }

    @Test
    void aModulesFolderLiesInTheCheckpoint() throws IOException {
        write("modules.json", "[{'path': '../other', 'type': 'sentence_transformers.models.Pooling'}]");

        assertRefused("names the folder '../other'");
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(() -> EmbeddingDefaults.read(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }
}
