package dev.lockstep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the JSON files beside a tokenizer's vocabulary say about it. */
final class TokenizerSettings {
    private static final String CONFIG = "tokenizer_config.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final JsonNode config;
    private final JsonNode specialTokens;

    private TokenizerSettings(Path folder, JsonNode config, JsonNode specialTokens) {
        this.folder = folder;
        this.config = config;
        this.specialTokens = specialTokens;
    }

    static TokenizerSettings read(Path folder) {
        return new TokenizerSettings(folder, json(folder, CONFIG), json(folder, "special_tokens_map.json"));
    }

    private static JsonNode json(Path folder, String name) {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(TokenizerSource.read(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    Path folder() {
        return folder;
    }

    /** The class that reads this tokenizer in the transformers library, without its ending; empty where not given. */
    String family() {
        String name = config.path("tokenizer_class").asText("");
        return name.replaceFirst("(Tokenizer|TokenizerFast)$", "");
    }

    /** The model's family; empty where there is no {@code config.json}. */
    String modelType() {
        return json(folder, "config.json").path("model_type").asText("");
    }

    boolean flag(String key, boolean absent) {
        JsonNode value = config.path(key);
        return value.isBoolean() ? value.booleanValue() : absent;
    }

    int integer(String key, int absent) {
        return config.path(key).asInt(absent);
    }

    /** The text of {@code bos_token} and the like, or the absent value. */
    String token(String key, String absent) {
        for (JsonNode file : List.of(config, specialTokens)) {
            JsonNode value = file.path(key);
            String text = value.isTextual()
                    ? value.textValue()
                    : value.path("content").textValue();
            if (text != null) {
                return text;
            }
        }
        return absent;
    }

    /** Whether a key names a token or explicitly none. */
    boolean names(String key) {
        return config.has(key) || specialTokens.has(key);
    }

    /** Tokens beside the vocabulary, by id, in the form of the tokenizers library. */
    Map<Integer, ObjectNode> addedTokens() {
        Map<Integer, ObjectNode> tokens = new LinkedHashMap<>();
        json(folder, "added_tokens.json")
                .fields()
                .forEachRemaining(field -> tokens.put(
                        id(field.getValue().asText()),
                        addedToken(id(field.getValue().asText()), field.getKey(), true)));
        config.path("added_tokens_decoder").fields().forEachRemaining(field -> {
            JsonNode given = field.getValue();
            int id = id(field.getKey());
            ObjectNode token = addedToken(
                    id, given.path("content").asText(), given.path("special").asBoolean());
            for (String key : List.of("single_word", "lstrip", "rstrip", "normalized")) {
                token.put(key, given.path(key).asBoolean(false));
            }
            tokens.put(id, token);
        });
        return tokens;
    }

    private int id(String text) {
        if (!text.matches("[0-9]{1,7}")) {
            throw new IllegalArgumentException(
                    folder + ": an added token has the id " + text + ", expected a whole number below 10000000");
        }
        return Integer.parseInt(text);
    }

    /** All special tokens that the files name. */
    List<String> specialTokens() {
        List<String> tokens = new ArrayList<>();
        for (String key :
                List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")) {
            String token = token(key, null);
            if (token != null && !tokens.contains(token)) {
                tokens.add(token);
            }
        }
        return tokens;
    }

    static ObjectNode addedToken(int id, String content, boolean special) {
        return JSON.createObjectNode()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", special);
    }
}
