package dev.lockstep.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChatTemplateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-26T10:00:00Z"), ZoneOffset.UTC);
    private static final Chat HELLO = Chat.of(List.of(Map.of("role", "user", "content", "hello")));
    private static final String TEMPLATE =
            "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{{ eos_token }}{% endfor %}";

    @TempDir
    private Path folder;

    static List<Families.Case> families() throws IOException {
        List<Families.Case> cases = Families.cases();
        assertThat(cases.stream().map(Families.Case::folder).distinct()).hasSizeGreaterThan(10);
        return cases;
    }

    @ParameterizedTest
    @MethodSource("families")
    void promptsAreThoseOfTheReference(Families.Case each) throws ChatException, IOException {
        String source = Files.readString(each.folder().resolve("chat_template.jinja"));
        ChatTemplate template =
                ChatTemplate.of("the template", source, TokenizerFiles.specialTokens(each.folder()), CLOCK);

        if (each.error() == null) {
            assertThat(template.render(each.chat())).isEqualTo(each.expected());
        } else {
            assertThatThrownBy(() -> template.render(each.chat()))
                    .isInstanceOf(ChatException.class)
                    .hasMessage("the chat template refuses the messages: " + each.error() + " (the template)");
        }
    }

    @Test
    void threadsMayShareIt() throws IOException {
        ChatTemplate template =
                ChatTemplate.find(Families.ROOT.resolve("chatml")).orElseThrow();

        List<String> prompts = IntStream.range(0, 500)
                .parallel()
                .mapToObj(i -> render(template, "number " + i))
                .toList();

        assertThat(prompts).allSatisfy(prompt -> assertThat(prompt).endsWith("<|im_start|>assistant\n"));
        assertThat(prompts.get(400)).contains("number 400");
    }

    private static String render(ChatTemplate template, String content) {
        try {
            return template.render(Chat.of(List.of(Map.of("role", "user", "content", content))));
        } catch (ChatException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aTemplateInTheConfiguration() throws IOException, ChatException {
        write(
                "tokenizer_config.json",
                JSON.createObjectNode()
                        .put("chat_template", TEMPLATE)
                        .put("bos_token", "<s>")
                        .set(
                                "eos_token",
                                JSON.createObjectNode().put("content", "</s>").put("lstrip", false)));

        assertThat(ChatTemplate.find(folder).orElseThrow().render(HELLO)).isEqualTo("<s>user: hello</s>");
    }

    @Test
    void specialTokensMayHaveAFileOfTheirOwn() throws IOException, ChatException {
        write(
                "special_tokens_map.json",
                JSON.createObjectNode().put("bos_token", "[B]").put("eos_token", "[E]"));
        write(
                "tokenizer_config.json",
                JSON.createObjectNode().put("chat_template", TEMPLATE).putNull("bos_token"));

        assertThat(ChatTemplate.find(folder).orElseThrow().render(HELLO)).isEqualTo("[B]user: hello[E]");
    }

    @Test
    void ofSeveralTemplatesTheDefaultOne() throws IOException, ChatException {
        ObjectNode config = JSON.createObjectNode();
        config.putArray("chat_template")
                .add(JSON.createObjectNode().put("name", "tool_use").put("template", "tools"))
                .add(JSON.createObjectNode().put("name", "default").put("template", "plain"));
        write("tokenizer_config.json", config);

        assertThat(ChatTemplate.find(folder).orElseThrow().render(HELLO)).isEqualTo("plain");
    }

    @Test
    void severalWithoutADefaultAreRefused() throws IOException {
        ObjectNode config = JSON.createObjectNode();
        config.putArray("chat_template")
                .add(JSON.createObjectNode().put("name", "tool_use").put("template", "tools"));
        write("tokenizer_config.json", config);

        assertThatThrownBy(() -> ChatTemplate.find(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holds [tool_use], expected a text or a list with a template named default");
    }

    @Test
    void aFileOfItsOwnComesFirst() throws IOException, ChatException {
        write("tokenizer_config.json", JSON.createObjectNode().put("chat_template", "config"));
        assertThat(ChatTemplate.find(folder).orElseThrow().render(HELLO)).isEqualTo("config");

        write("chat_template.json", JSON.createObjectNode().put("chat_template", "json"));
        assertThat(ChatTemplate.find(folder).orElseThrow().render(HELLO)).isEqualTo("json");

        Files.writeString(folder.resolve("chat_template.jinja"), "jinja");
        assertThat(ChatTemplate.find(folder).orElseThrow().render(HELLO)).isEqualTo("jinja");
    }

    @Test
    void noTemplateIsNoError() throws IOException {
        assertThat(ChatTemplate.find(folder)).isEmpty();
        write("tokenizer_config.json", JSON.createObjectNode().putNull("chat_template"));
        assertThat(ChatTemplate.find(folder)).isEmpty();
    }

    @Test
    void aTemplateThatCannotBeReadIsNamed() throws IOException {
        Files.writeString(folder.resolve("chat_template.jinja"), "a\n{% for m in messages %}\n");

        assertThatThrownBy(() -> ChatTemplate.find(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("chat_template.jinja cannot be read: line 2: for is not closed");
    }

    private void write(String name, com.fasterxml.jackson.databind.JsonNode content) throws IOException {
        Files.writeString(folder.resolve(name), content.toString());
    }
}
