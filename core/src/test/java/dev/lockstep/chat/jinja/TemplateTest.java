package dev.lockstep.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.chat.Chat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {
    private static final Path LANGUAGE = Path.of("src/test/resources/chat/language.jsonl");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2024-07-26T10:00:00Z"), ZoneOffset.UTC);

    private static String render(String template, Map<String, Object> variables) {
        return Template.parse(template).render(variables, CLOCK);
    }

    private static String render(String template) {
        return render(template, Map.of("d", Map.of("a", 1L), "s", "text", "list", List.of(1L, 2L)));
    }

    /** Templates and what Jinja2 makes of them; the first line has the variables. */
    static Stream<JsonNode> language() throws IOException {
        return Files.readAllLines(LANGUAGE).stream().skip(1).map(TemplateTest::json);
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, Object> variables() throws IOException {
        JsonNode variables = json(Files.readAllLines(LANGUAGE).get(0)).get("variables");
        // A chat's messages are values like any other: the way JSON becomes values is Chat's.
        JsonNode message = ((com.fasterxml.jackson.databind.node.ObjectNode) variables).deepCopy();
        ((com.fasterxml.jackson.databind.node.ObjectNode) message).put("role", "user");
        Map<String, Object> values = new HashMap<>(
                Chat.of(JSON.createArrayNode().add(message), null).messages().get(0));
        values.remove("role");
        return values;
    }

    @ParameterizedTest
    @MethodSource("language")
    void theLanguageIsThatOfTheReference(JsonNode each) throws IOException {
        String template = each.get("template").textValue();
        Map<String, Object> variables = variables();

        if (each.has("fails")) {
            assertThatThrownBy(() -> render(template, variables)).isInstanceOf(TemplateException.class);
        } else {
            assertThat(render(template, variables))
                    .isEqualTo(each.get("expected").textValue());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{{ x.y }}|x is undefined",
                "{{ d.x.y }}|'x' of a dict is undefined",
                "{{ raise_exception('because') }}|because",
                "{{ 'a' + 1 }}|the operator + stands between a string and the number 1, expected two of one kind",
                "{{ s.shout() }}|'shout' of a string is undefined",
                "{% set d.a = 2 %}|set d.a: d is a dict, expected a namespace",
                "{{ s is nothing }}|line 1: there is no test nothing, known are",
                "{% include 'x' %}|line 1: the tag include is not known here, expected one of if, for, set",
                "{{ s.startswith(1) }}|startswith gets the number 1, expected a text",
                "{{ (1, 2 }}|line 1: '}' closes nothing",
                "{{ s * (2 ** 62) }}|the template makes more than",
                "{{ 2 ** 64 }}|2 ** 64 is out of range"
            })
    void errorsSayWhat(String template, String message) {
        assertThatThrownBy(() -> render(template))
                .isInstanceOf(TemplateException.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(9999999) %}{% for b in range(9999999) %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x='ab') %}{% for a in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for a in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[1]) %}{% for a in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"
                        + "{{ ns.x == ns.x[:] + [] }}{{ ns.x | tojson }}",
                "{% set ns = namespace(x=[]) %}{% for a in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x={}) %}{% for a in range(9999) %}{% set ns.x = {'a': ns.x} %}{% endfor %}"
                        + "{{ ns.x | tojson }}",
                "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
                "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
                "{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
                "{{ 'a' * 999999999999 }}",
                "{{ ('a' * 9999999) | replace('a', 'b' * 9999999) }}",
                "{{ ('a' * 9999999).replace('', 'b' * 99) }}",
                "{{ ' '.join(['a' * 999999] * 999999) }}",
                "{{ range(1, 99999999999) | list }}",
                "{{ ['a' * 9999999] * 9 * 9 | join }}{{ (['a' * 9999999] * 99) | map('upper') | list }}"
            })
    void noTemplateRunsOrGrowsWithoutEnd(String template) {
        assertThatThrownBy(() -> render(template)).isInstanceOf(TemplateException.class);
    }

    @Test
    void deepTemplatesAreRefusedBeforeTheStackEnds() {
        assertThatThrownBy(() -> render("{{ " + "(".repeat(50_000) + "1" + ")".repeat(50_000) + " }}"))
                .hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> render("{{ " + "-".repeat(50_000) + "1 }}")).isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> render("{{ 1" + " + 1".repeat(50_000) + " }}"))
                .hasMessageContaining("more than 1000 parts");
        assertThatThrownBy(() -> render("{{ s" + "|trim".repeat(50_000) + " }}"))
                .isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> render("{% if 1 %}".repeat(50_000))).hasMessageContaining("nested deeper");
        assertThatThrownBy(() -> render("{% for " + "(".repeat(50_000) + "a in b %}"))
                .isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> render("{{ " + "not ".repeat(50_000) + "1 }}")).isInstanceOf(TemplateException.class);
        assertThatThrownBy(() -> render("x".repeat(2_000_000))).hasMessageContaining("expected at most 1048576");
        assertThatThrownBy(
                        () -> render("{% macro f(x) %}{{ f(x)" + " + 'a'".repeat(450) + " }}{% endmacro %}{{ f(1) }}"))
                .isInstanceOf(TemplateException.class);
        assertThat(render("{{ 1" + " + 1".repeat(450) + " }}")).isEqualTo("451");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "class",
                "getClass",
                "__class__",
                "hashCode",
                "toString",
                "_s",
                "value",
                "declaringClass",
                "intern",
                "put",
                "clear",
                "add",
                "stream"
            })
    void javaIsOutOfReach(String name) {
        for (String value : List.of("s", "d", "list", "1", "s.upper", "range", "namespace(a=1)", "d.items", "none")) {
            assertThatThrownBy(() -> render("{{ " + value + "." + name + "() }}"))
                    .isInstanceOf(TemplateException.class);
            assertThat(render("{{ (" + value + ")['" + name + "'] is defined }}"))
                    .isEqualTo("False");
        }
    }

    @Test
    void variablesStayWhatTheyAre() {
        Map<String, Object> message = new HashMap<>(Map.of("role", "user"));
        render("{% set m = messages[0] %}{% set m = 1 %}{% set messages = [] %}", Map.of("messages", List.of(message)));

        assertThat(message).containsOnlyKeys("role");
    }
}
