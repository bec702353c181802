package dev.lockstep.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.chat.jinja.Template;
import dev.lockstep.chat.jinja.TemplateException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A checkpoint's chat template, as the transformers library publishes it: {@code chat_template.jinja}, the key
 * {@code chat_template} of {@code chat_template.json} or of {@code tokenizer_config.json}, the first that is there. May be
 * used by several threads at once.
 */
public final class ChatTemplate {
    private static final String FILE = "chat_template.jinja";
    private static final String JSON_FILE = "chat_template.json";
    private static final String KEY = "chat_template";
    private static final String DEFAULT = "default";

    private final String source;
    private final Template template;
    private final Map<String, Object> specialTokens;
    private final Clock clock;

    private ChatTemplate(String source, Template template, Map<String, Object> specialTokens, Clock clock) {
        this.source = source;
        this.template = template;
        this.specialTokens = specialTokens;
        this.clock = clock;
    }

    /**
     * The template of a checkpoint's folder; empty where it has none.
     *
     * @throws IllegalArgumentException naming the file, when there is one that cannot be read
     */
    public static Optional<ChatTemplate> find(Path folder) {
        Path file = folder.resolve(FILE);
        if (Files.isRegularFile(file)) {
            return Optional.of(parse(file.toString(), TokenizerFiles.text(file), folder));
        }
        for (String name : List.of(JSON_FILE, TokenizerFiles.CONFIG)) {
            JsonNode found = TokenizerFiles.json(folder, name).path(KEY);
            if (!found.isMissingNode() && !found.isNull()) {
                String where = folder.resolve(name) + ": " + KEY;
                return Optional.of(parse(where, chosen(where, found), folder));
            }
        }
        return Optional.empty();
    }

    private static ChatTemplate parse(String where, String template, Path folder) {
        return of(where, template, TokenizerFiles.specialTokens(folder), Clock.systemDefaultZone());
    }

    /**
     * A template that is not read from a folder.
     *
     * @param source its name in messages
     * @param specialTokens texts by name, {@code bos_token} and the like
     * @param clock what {@code strftime_now} of the template reads
     */
    public static ChatTemplate of(String source, String template, Map<String, Object> specialTokens, Clock clock) {
        try {
            return new ChatTemplate(source, Template.parse(template), Map.copyOf(specialTokens), clock);
        } catch (TemplateException e) {
            throw new IllegalArgumentException(source + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The one template, or of several with names the one named default. */
    private static String chosen(String where, JsonNode found) {
        if (found.isTextual()) {
            return found.textValue();
        }
        List<String> names = new ArrayList<>();
        for (JsonNode each : found) {
            String name = each.path("name").asText();
            names.add(name);
            if (name.equals(DEFAULT) && each.path("template").isTextual()) {
                return each.path("template").textValue();
            }
        }
        throw new IllegalArgumentException(
                where + " holds " + (names.isEmpty() ? "a JSON " + found.getNodeType() : names)
                        + ", expected a text or a list with a template named " + DEFAULT);
    }

    /** What to say where a chat meets a checkpoint without template. */
    public static String missing(String location) {
        return location + " has no chat template, expected " + FILE + " or " + KEY + " in " + TokenizerFiles.CONFIG
                + ": give prompts as text written in the model's format, or add the template its authors publish";
    }

    /**
     * The prompt of a chat, special tokens and the header of the assistant's turn included.
     *
     * @throws ChatException with the template's own reason, when it refuses the chat
     */
    public String render(Chat chat) throws ChatException {
        Map<String, Object> variables = new HashMap<>(specialTokens);
        variables.put("messages", chat.messages());
        variables.put("tools", chat.tools());
        variables.put("documents", null);
        variables.put("add_generation_prompt", true);
        try {
            return template.render(variables, clock);
        } catch (TemplateException e) {
            throw new ChatException("the chat template refuses the messages: " + e.getMessage() + " (" + source + ")");
        }
    }
}
