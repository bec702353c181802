package dev.lockstep.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A {@code config.json}, read key by key. A getter takes the spellings of one key, the published one first; JSON null
 * counts as absent. Records which keys were read, so that keys that an architecture does not read can be reported.
 * Errors name the key, the value found and what is expected.
 */
public final class Config {
    private final String file;
    private final JsonNode root;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    /**
     * @param file the name of the file in messages
     * @param root a JSON object
     * @throws CheckpointException if it is not an object
     */
    public Config(String file, JsonNode root) {
        if (!root.isObject()) {
            throw new CheckpointException(file + " holds a JSON " + root.getNodeType() + ", expected an object");
        }
        this.file = file;
        this.root = root;
    }

    public String file() {
        return file;
    }

    /** The node under the first of the spellings that is present and not null. */
    public Optional<JsonNode> node(String... keys) {
        for (String key : keys) {
            asked.add(key);
        }
        for (String key : keys) {
            JsonNode value = root.get(key);
            if (value != null && !(value instanceof NullNode)) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }

    public boolean has(String... keys) {
        return node(keys).isPresent();
    }

    /** A required positive integer: sizes and counts. */
    public int size(String... keys) {
        int value = integer(keys).orElseThrow(() -> missing("a positive integer", keys));
        return positive(value, keys);
    }

    /** A positive integer, or the default where the key is absent. */
    public int sizeOr(int absent, String... keys) {
        Optional<Integer> value = integer(keys);
        return value.isPresent() ? positive(value.get(), keys) : absent;
    }

    public Optional<Integer> integer(String... keys) {
        Optional<JsonNode> node = node(keys);
        if (node.isEmpty()) {
            return Optional.empty();
        }
        JsonNode value = node.get();
        boolean whole =
                value.isIntegralNumber() || (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue()));
        if (!whole || !value.canConvertToInt()) {
            throw wrong(value, "an integer", keys);
        }
        return Optional.of(value.intValue());
    }

    public double number(double absent, String... keys) {
        return number(keys).orElse(absent);
    }

    public Optional<Double> number(String... keys) {
        Optional<JsonNode> node = node(keys);
        if (node.isPresent() && !node.get().isNumber()) {
            throw wrong(node.get(), "a number", keys);
        }
        return node.map(JsonNode::doubleValue);
    }

    public boolean flag(boolean absent, String... keys) {
        Optional<JsonNode> node = node(keys);
        if (node.isPresent() && !node.get().isBoolean()) {
            throw wrong(node.get(), "true or false", keys);
        }
        return node.map(JsonNode::booleanValue).orElse(absent);
    }

    public Optional<String> text(String... keys) {
        Optional<JsonNode> node = node(keys);
        if (node.isPresent() && !node.get().isTextual()) {
            throw wrong(node.get(), "a string", keys);
        }
        return node.map(JsonNode::textValue);
    }

    /** One integer or a list of them (token ids); empty where the key is absent. */
    public List<Integer> integers(String... keys) {
        Optional<JsonNode> node = node(keys);
        List<Integer> values = new ArrayList<>();
        if (node.isEmpty()) {
            return values;
        }
        Iterable<JsonNode> items = node.get().isArray() ? node.get() : List.of(node.get());
        for (JsonNode item : items) {
            if (!item.isIntegralNumber() || !item.canConvertToInt()) {
                throw wrong(node.get(), "an integer or a list of integers", keys);
            }
            values.add(item.intValue());
        }
        return values;
    }

    /** A nested object as a configuration of its own. */
    public Optional<Config> child(String... keys) {
        Optional<JsonNode> node = node(keys);
        if (node.isPresent() && !node.get().isObject()) {
            throw wrong(node.get(), "an object", keys);
        }
        return node.map(value -> new Config(file + " " + keys[0], value));
    }

    /** {@code model_type}. */
    public String modelType() {
        return text("model_type").orElseThrow(() -> missing("the name of a model family", "model_type"));
    }

    /** The first of {@code architectures}, or the empty string. */
    public String architecture() {
        return node("architectures")
                .filter(list -> list.isArray() && !list.isEmpty())
                .map(list -> list.get(0).asText())
                .orElse("");
    }

    /** Keys present in the file that nobody has asked for, in file order. */
    public List<String> unread() {
        List<String> keys = new ArrayList<>();
        for (Iterator<String> names = root.fieldNames(); names.hasNext(); ) {
            String key = names.next();
            if (!asked.contains(key)) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** An error about a value that is present but cannot be honoured. */
    public CheckpointException wrong(Object found, String expected, String... keys) {
        return new CheckpointException(file + ": " + spelled(keys) + " is " + found + ", expected " + expected);
    }

    /** An error about a required key that is absent. */
    public CheckpointException missing(String expected, String... keys) {
        return new CheckpointException(file + ": " + spelled(keys) + " is missing, expected " + expected);
    }

    private int positive(int value, String... keys) {
        if (value <= 0) {
            throw wrong(value, "a positive integer", keys);
        }
        return value;
    }

    private static String spelled(String... keys) {
        return String.join(" / ", keys);
    }

    /** The whole object, for callers that pass it on. */
    public JsonNode json() {
        return root;
    }
}
