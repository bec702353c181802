package dev.lockstep.constraint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/**
 * JSON texts that a schema (draft 2020-12) allows, in the form of {@link JsonText}. Supported: {@code type}, one or
 * several; {@code enum}, {@code const}; {@code properties}, generated in the order in which they are listed, {@code
 * required} and {@code additionalProperties} true or false (none are ever generated); {@code items}, {@code minItems},
 * {@code maxItems}; {@code minLength}, {@code maxLength}, {@code pattern} (in the notation of {@link RegexLanguage},
 * its characters without escapes), {@code format} date, time, date-time and uuid; {@code anyOf}; {@code oneOf} whose
 * alternatives have no text in common; {@code $ref} to {@code #/$defs/...} or {@code #/definitions/...} that is not
 * recursive. Annotations are ignored. Any other keyword is refused by name, since leaving it out would allow more than
 * the schema does.
 */
public final class JsonSchemaLanguage {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$schema",
            "$id",
            "$comment",
            "$defs",
            "definitions");
    /** Keywords by the type that they concern. */
    private static final Map<String, Set<String>> KEYWORDS = new TreeMap<>(Map.of(
            "object", Set.of("properties", "required", "additionalProperties"),
            "array", Set.of("items", "minItems", "maxItems"),
            "string", Set.of("minLength", "maxLength", "pattern", "format"),
            "integer", Set.of(),
            "number", Set.of(),
            "boolean", Set.of(),
            "null", Set.of()));

    private static final Set<String> ALTERNATIVES = Set.of("enum", "const", "anyOf", "oneOf", "$ref");
    private static final String DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
    private static final String TIME =
            "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])";
    private static final Map<String, String> FORMATS = new TreeMap<>(Map.of(
            "date",
            DATE,
            "time",
            TIME,
            "date-time",
            DATE + "T" + TIME,
            "uuid",
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"));

    private final JsonNode root;
    /** References that are being followed. */
    private final Deque<String> following = new ArrayDeque<>();

    private JsonSchemaLanguage(JsonNode root) {
        this.root = root;
    }

    /**
     * The texts that a schema allows.
     *
     * @param schema a JSON text
     * @throws IllegalArgumentException naming the place in the schema, the keyword, and what is supported
     */
    public static Language of(String schema) {
        JsonNode root;
        try {
            root = JSON.readTree(schema);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
        }
        return Language.of(new JsonSchemaLanguage(root).value(root, "#"));
    }

    private Automaton value(JsonNode schema, String place) {
        if (!schema.isObject()) {
            throw error(place, "is " + schema + ", expected a schema (an object)");
        }
        List<String> given = new ArrayList<>();
        schema.fieldNames().forEachRemaining(given::add);
        given.removeAll(ANNOTATIONS);
        for (String keyword : given) {
            if (ALTERNATIVES.contains(keyword)) {
                return alternatives(schema, keyword, given, place);
            }
        }
        given.remove("type");
        for (String keyword : given) {
            if (KEYWORDS.values().stream().noneMatch(known -> known.contains(keyword))) {
                throw unsupported(keyword, List.of(), place);
            }
        }
        List<String> types = types(schema, place);
        for (String keyword : given) {
            if (types.stream().noneMatch(type -> KEYWORDS.get(type).contains(keyword))) {
                throw unsupported(keyword, types, place);
            }
        }
        return Automatons.union(
                types.stream().map(type -> typed(type, schema, place)).toList());
    }

    private static List<String> types(JsonNode schema, String place) {
        JsonNode type = schema.path("type");
        List<String> types = new ArrayList<>();
        if (type.isTextual()) {
            types.add(type.textValue());
        } else if (type.isArray()) {
            type.forEach(each -> types.add(each.asText()));
        }
        if (types.isEmpty()) {
            throw error(
                    place,
                    "has no type, expected one of " + String.join(", ", KEYWORDS.keySet()) + ", or one of "
                            + String.join(", ", new TreeSet<>(ALTERNATIVES)));
        }
        for (String each : types) {
            if (!KEYWORDS.containsKey(each)) {
                throw error(
                        place, "has the type " + each + ", expected one of " + String.join(", ", KEYWORDS.keySet()));
            }
        }
        return types;
    }

    private Automaton typed(String type, JsonNode schema, String place) {
        return switch (type) {
            case "object" -> object(schema, place);
            case "array" -> array(schema, place);
            case "string" -> string(schema, place);
            case "integer" -> JsonText.integer();
            case "number" -> JsonText.number();
            case "boolean" -> Automatons.union(List.of(Automatons.literal("true"), Automatons.literal("false")));
            default -> Automatons.literal("null");
        };
    }

    // ---------------------------------------------------------------- alternatives

    private Automaton alternatives(JsonNode schema, String keyword, List<String> given, String place) {
        List<String> others = new ArrayList<>(given);
        others.remove(keyword);
        if (keyword.equals("enum") || keyword.equals("const")) {
            others.remove("type");
        }
        if (!others.isEmpty()) {
            throw error(place, "has " + others.get(0) + " beside " + keyword + ", expected " + keyword + " alone");
        }
        JsonNode value = schema.get(keyword);
        String inner = place + "/" + keyword;
        return switch (keyword) {
            case "const" -> Automatons.literal(value.toString());
            case "enum" -> Automatons.union(constants(value, schema, inner));
            case "$ref" -> reference(value.asText(), inner);
            default -> choice(value, keyword.equals("oneOf"), inner);
        };
    }

    private static List<Automaton> constants(JsonNode values, JsonNode schema, String place) {
        List<Automaton> constants = new ArrayList<>();
        for (JsonNode each : values) {
            if (matchesType(each, schema)) {
                constants.add(Automatons.literal(each.toString()));
            }
        }
        if (constants.isEmpty()) {
            throw error(place, "is " + values + ", expected a list with at least one value of the type");
        }
        return constants;
    }

    private static boolean matchesType(JsonNode value, JsonNode schema) {
        if (!schema.has("type")) {
            return true;
        }
        return types(schema, "#").stream().anyMatch(type -> switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "boolean" -> value.isBoolean();
            default -> value.isNull();
        });
    }

    private Automaton choice(JsonNode schemas, boolean exclusive, String place) {
        List<Automaton> choices = new ArrayList<>();
        for (JsonNode each : schemas) {
            Automaton choice = value(each, place + "/" + choices.size());
            for (int other = 0; exclusive && other < choices.size(); other++) {
                if (!Operations.isEmpty(Operations.intersection(choices.get(other), choice))) {
                    throw error(
                            place,
                            "has alternatives " + other + " and " + choices.size()
                                    + " with texts in common, expected none: write anyOf, or make them differ");
                }
            }
            choices.add(choice);
        }
        if (choices.isEmpty()) {
            throw error(place, "is " + schemas + ", expected a list of schemas");
        }
        return Automatons.union(choices);
    }

    private Automaton reference(String reference, String place) {
        boolean local = reference.startsWith("#/$defs/") || reference.startsWith("#/definitions/");
        JsonNode target = local ? root.at(reference.substring(1)) : root.path("");
        if (!local || target.isMissingNode()) {
            throw error(place, "is " + reference + ", expected #/$defs/... or #/definitions/... that the schema has");
        }
        if (following.contains(reference)) {
            throw error(place, "comes back to " + reference + ": schemas that contain themselves are not supported");
        }
        following.push(reference);
        Automaton value = value(target, reference);
        following.pop();
        return value;
    }

    // ---------------------------------------------------------------- types

    private Automaton object(JsonNode schema, String place) {
        JsonNode additional = schema.path("additionalProperties");
        if (!additional.isMissingNode() && !additional.isBoolean()) {
            throw error(
                    place,
                    "has additionalProperties " + additional
                            + ", expected true or false: name the properties in properties");
        }
        List<String> names = new ArrayList<>();
        schema.path("properties").fieldNames().forEachRemaining(names::add);
        Set<String> required = new TreeSet<>();
        schema.path("required").forEach(each -> required.add(each.asText()));
        for (String name : required) {
            if (!names.contains(name)) {
                throw error(place, "requires the property " + name + ", which properties does not describe");
            }
        }
        // What follows once a property is there, and what follows while there is none.
        Automaton after = Automatons.empty();
        Automaton before = Automatons.empty();
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            Automaton property = Automatons.concatenate(
                    Automatons.literal(JSON.getNodeFactory().textNode(name).toString()),
                    JsonText.colon(),
                    value(schema.get("properties").get(name), place + "/properties/" + name));
            Automaton following = Automatons.concatenate(JsonText.comma(), property);
            Automaton first = Automatons.concatenate(property, after);
            boolean needed = required.contains(name);
            before = needed ? first : Automatons.union(List.of(first, before));
            after = Automatons.concatenate(needed ? following : Automatons.optional(following), after);
        }
        return JsonText.bracketed("{", before, "}");
    }

    private Automaton array(JsonNode schema, String place) {
        if (!schema.has("items")) {
            throw error(place, "is an array without items, expected a schema of its items");
        }
        Automaton item = value(schema.get("items"), place + "/items");
        int least = count(schema, "minItems", 0, place);
        return JsonText.array(item, least, count(schema, "maxItems", Integer.MAX_VALUE, place));
    }

    private Automaton string(JsonNode schema, String place) {
        long shapes = Stream.of("pattern", "format", "minLength", "maxLength")
                .filter(schema::has)
                .map(keyword -> keyword.endsWith("Length") ? "length" : keyword)
                .distinct()
                .count();
        if (shapes > 1) {
            throw error(place, "has several of pattern, format and lengths, expected one of them");
        }
        if (schema.has("pattern")) {
            return JsonText.string(searched(schema.get("pattern").asText(), place + "/pattern"));
        }
        if (schema.has("format")) {
            String format = schema.get("format").asText();
            if (!FORMATS.containsKey(format)) {
                throw error(
                        place, "has the format " + format + ", expected one of " + String.join(", ", FORMATS.keySet()));
            }
            return JsonText.string(RegexLanguage.automaton(FORMATS.get(format)));
        }
        int least = count(schema, "minLength", 0, place);
        return JsonText.string(least, count(schema, "maxLength", Integer.MAX_VALUE, place));
    }

    /** A schema's pattern may match anywhere in the string, unless it says otherwise. */
    private static Automaton searched(String pattern, String place) {
        boolean start = pattern.startsWith("^");
        boolean end = pattern.endsWith("$") && !pattern.endsWith("\\$");
        String body = pattern.substring(start ? 1 : 0, pattern.length() - (end ? 1 : 0));
        try {
            Automaton matched = RegexLanguage.automaton("(?:" + body + ")");
            if (!start || !end) {
                Automaton anything = Automatons.repeat(JsonText.plainCharacter(), 0, Integer.MAX_VALUE);
                matched = Automatons.concatenate(
                        start ? Automatons.empty() : anything, matched, end ? Automatons.empty() : anything);
            }
            if ((start || end) && RegexLanguage.hasAlternatives(body)) {
                throw new IllegalArgumentException(
                        "^ or $ belongs to one of several alternatives, expected ^(...|...)$");
            }
            return matched;
        } catch (IllegalArgumentException e) {
            throw error(place, "is " + pattern + ": " + e.getMessage());
        }
    }

    private static int count(JsonNode schema, String keyword, int otherwise, String place) {
        JsonNode value = schema.path(keyword);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.canConvertToInt() || value.intValue() < 0) {
            throw error(place, "has " + keyword + " " + value + ", expected a count");
        }
        return value.intValue();
    }

    private static IllegalArgumentException unsupported(String keyword, List<String> types, String place) {
        Set<String> all = new TreeSet<>(ALTERNATIVES);
        KEYWORDS.values().forEach(all::addAll);
        String where = !types.isEmpty() ? " beside type " + String.join(", ", types) : "";
        return error(
                place,
                "has the keyword " + keyword + where + ", which is not supported; supported are type, "
                        + String.join(", ", all));
    }

    private static IllegalArgumentException error(String place, String problem) {
        return new IllegalArgumentException(place + " " + problem);
    }
}
