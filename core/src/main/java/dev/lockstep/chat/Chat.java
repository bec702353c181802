package dev.lockstep.chat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A conversation that a model is to continue.
 *
 * @param messages each with {@code role} and usually {@code content}, and any other fields that its template reads,
 *     such as {@code name}, {@code tool_calls} or {@code tool_call_id}; values are null, {@code Boolean}, {@code Long},
 *     {@code Double}, {@code String}, and lists and maps of these
 * @param tools functions that the model may call, in the form its template expects; null for none
 */
public record Chat(List<Map<String, Object>> messages, List<Object> tools) {
    /** How deep values may be nested. */
    private static final int DEPTH = 64;

    /** @throws IllegalArgumentException when there is no message, or one without a role */
    public Chat {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("the chat has no messages, expected at least one");
        }
        for (int i = 0; i < messages.size(); i++) {
            Map<String, Object> message = messages.get(i);
            if (message == null || !(message.get("role") instanceof String)) {
                throw new IllegalArgumentException("message " + i + " of the chat has "
                        + (message == null ? "no fields" : "the role " + message.get("role"))
                        + ", expected a role such as system, user or assistant");
            }
        }
        messages = List.copyOf(messages);
    }

    /** A chat without tools. */
    public static Chat of(List<Map<String, Object>> messages) {
        return new Chat(messages, null);
    }

    /**
     * Reads a chat.
     *
     * @param messages a JSON array of objects
     * @param tools a JSON array; null or JSON null for none
     * @throws IllegalArgumentException when they are anything else
     */
    public static Chat of(JsonNode messages, JsonNode tools) {
        if (!messages.isArray()) {
            throw new IllegalArgumentException(
                    "messages is a JSON " + messages.getNodeType().name().toLowerCase(java.util.Locale.ROOT)
                            + ", expected an array of objects");
        }
        List<Map<String, Object>> list = new ArrayList<>();
        for (JsonNode message : messages) {
            if (!message.isObject()) {
                throw new IllegalArgumentException(
                        "message " + list.size() + " is " + message + ", expected an object with role and content");
            }
            list.add(map(message, 0));
        }
        if (tools == null || tools.isNull()) {
            return new Chat(list, null);
        }
        if (!tools.isArray()) {
            throw new IllegalArgumentException("tools is " + tools + ", expected an array of objects");
        }
        return new Chat(list, list(tools, 0));
    }

    private static Map<String, Object> map(JsonNode object, int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        object.fields().forEachRemaining(field -> map.put(field.getKey(), value(field.getValue(), depth + 1)));
        return Collections.unmodifiableMap(map);
    }

    private static List<Object> list(JsonNode array, int depth) {
        List<Object> list = new ArrayList<>();
        array.forEach(element -> list.add(value(element, depth + 1)));
        return Collections.unmodifiableList(list);
    }

    private static Object value(JsonNode node, int depth) {
        if (depth > DEPTH) {
            throw new IllegalArgumentException("the chat's values are nested deeper than " + DEPTH);
        }
        return switch (node.getNodeType()) {
            case OBJECT -> map(node, depth);
            case ARRAY -> list(node, depth);
            case STRING -> node.textValue();
            case BOOLEAN -> node.booleanValue();
            case NUMBER ->
                node.isIntegralNumber() && node.canConvertToLong()
                        ? (Object) node.longValue()
                        : (Object) node.doubleValue();
            default -> null;
        };
    }
}
