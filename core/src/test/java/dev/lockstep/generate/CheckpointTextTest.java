package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.chat.Chat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTextTest {
    private static final Path TOKENIZER = Path.of("src/test/resources/demo/dates-t5/tokenizer.json");
    private static final Chat CHAT = Chat.of(List.of(Map.of("role", "user", "content", "12 May 2016")));
    private static final GenerationOptions TEN = GenerationOptions.GREEDY.withMaxNewTokens(10);

    @TempDir
    private Path folder;

    @Test
    void aChatHasTheSpecialTokensOfItsTemplateOnly() throws IOException, BadRowException {
        Files.copy(TOKENIZER, folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0].content }}</s>");
        try (CheckpointText text = CheckpointText.open(folder)) {
            int[] plain = text.tokens(new Request(0, "12 May 2016", null, TEN));

            // The post-processor adds the end to a plain prompt; the template has written it already.
            assertThat(text.tokens(new Request(1, CHAT, TEN))).isEqualTo(plain);
        }
    }

    @Test
    void whatATemplateRaisesIsTheRowsError() throws IOException {
        Files.copy(TOKENIZER, folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ raise_exception('roles must alternate') }}");
        try (CheckpointText text = CheckpointText.open(folder)) {
            assertThatThrownBy(() -> text.tokens(new Request(0, CHAT, TEN)))
                    .isInstanceOf(BadRowException.class)
                    .hasMessageStartingWith("the chat template refuses the messages: roles must alternate (");
        }
    }

    @Test
    void aCheckpointWithoutTemplateSaysSo() throws IOException {
        Files.copy(TOKENIZER, folder.resolve("tokenizer.json"));
        try (CheckpointText text = CheckpointText.open(folder)) {
            assertThatThrownBy(() -> text.tokens(new Request(0, CHAT, TEN)))
                    .isInstanceOf(BadRowException.class)
                    .hasMessageContaining(folder + " has no chat template, expected chat_template.jinja");
        }
        assertThatThrownBy(() -> CheckpointText.requireChat(folder)).hasMessageContaining("has no chat template");
    }

    @Test
    void aTemplateThatCannotBeReadFailsChatsOnly() throws IOException, BadRowException {
        Files.copy(TOKENIZER, folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("chat_template.jinja"), "{% nothing %}");
        try (CheckpointText text = CheckpointText.open(folder)) {
            assertThat(text.tokens(new Request(0, "12 May 2016", null, TEN))).isNotEmpty();
            assertThatThrownBy(() -> text.tokens(new Request(0, CHAT, TEN)))
                    .hasMessageContaining("chat_template.jinja cannot be read: line 1: the tag nothing is not known");
        }
    }

    @Test
    void aChatNeedsATokenizerToo() throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0].content }}");

        assertThatThrownBy(() -> CheckpointText.requireChat(folder)).hasMessageContaining("holds no tokenizer.json");
    }
}
