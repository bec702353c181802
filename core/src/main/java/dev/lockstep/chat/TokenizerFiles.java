package dev.lockstep.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the JSON files beside a tokenizer say: special tokens and the chat template. */
final class TokenizerFiles {
    static final String CONFIG = "tokenizer_config.json";
    static final String SPECIAL_TOKENS = "special_tokens_map.json";

    /** No such file is larger in practice; the largest hold some thousand added tokens. */
    private static final long MOST_BYTES = 64L << 20;

    private TokenizerFiles() {}

    /** A JSON object, empty where there is no such file. */
    static JsonNode json(Path folder, String name) {
        ObjectMapper mapper = new ObjectMapper();
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            return mapper.createObjectNode();
        }
        try {
            JsonNode root = mapper.readTree(text(file));
            if (!root.isObject()) {
                throw new IllegalArgumentException(
                        file + " holds a JSON " + root.getNodeType() + ", expected an object");
            }
            return root;
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    static String text(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IllegalArgumentException(
                        file + " has " + Files.size(file) + " bytes, expected at most " + MOST_BYTES);
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }

    /** {@code bos_token}, {@code eos_token} and the like, by these names; a list for {@code additional_special_tokens}. */
    static Map<String, Object> specialTokens(Path folder) {
        Map<String, Object> tokens = new LinkedHashMap<>();
        for (String file : List.of(SPECIAL_TOKENS, CONFIG)) {
            json(folder, file).fields().forEachRemaining(field -> {
                Object token = token(field.getKey(), field.getValue());
                if (token != null) {
                    tokens.put(field.getKey(), token);
                }
            });
        }
        return tokens;
    }

    /** A token is its text or an object with it as content; null for what is no token. */
    private static Object token(String key, JsonNode value) {
        if (key.equals("additional_special_tokens") && value.isArray()) {
            List<Object> several = new ArrayList<>();
            value.forEach(each -> several.add(content(each)));
            return several;
        }
        return key.endsWith("_token") ? content(value) : null;
    }

    private static String content(JsonNode value) {
        return value.isTextual() ? value.textValue() : value.path("content").textValue();
    }
}
