package dev.lockstep.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonSchemaLanguageTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final String PERSON = """
            {"type": "object", "title": "Person",
             "properties": {
               "name": {"type": "string", "minLength": 1, "maxLength": 8},
               "age": {"type": "integer"},
               "born": {"type": "string", "format": "date"},
               "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1, "maxItems": 3},
               "home": {"$ref": "#/$defs/place"},
               "note": {"type": ["string", "null"], "pattern": "^[a-z]{2,4}$"}},
             "required": ["name", "home"], "additionalProperties": false,
             "$defs": {"place": {"type": "object", "properties": {
               "lat": {"type": "number"}, "exact": {"type": "boolean"}}, "required": ["lat"]}}}
            """;

    @Test
    void everyTextParsesAndKeepsToTheSchema() throws IOException {
        Language language = JsonSchemaLanguage.of(PERSON);
        Random random = new Random(5);
        int withTags = 0;
        for (int i = 0; i < 300; i++) {
            String text = Walks.text(language, random);
            JsonNode person = JSON.readTree(text);
            assertThat(language.contains(text)).isTrue();
            checkPerson(person, text);
            withTags += person.has("tags") ? 1 : 0;
        }
        assertThat(withTags).as("optional properties come and stay away").isBetween(1, 299);
    }

    private static void checkPerson(JsonNode person, String text) {
        List<String> names = new ArrayList<>();
        person.fieldNames().forEachRemaining(names::add);
        List<String> order = new ArrayList<>(List.of("name", "age", "born", "tags", "home", "note"));
        order.retainAll(names);
        assertThat(names).as(text).isEqualTo(order).contains("name", "home");
        String name = person.get("name").textValue();
        assertThat(name.length()).isBetween(1, 16); // characters beyond the first plane count twice here
        assertThat(person.path("age").isMissingNode() || person.get("age").isIntegralNumber())
                .isTrue();
        if (person.has("born")) {
            assertThat(person.get("born").textValue()).matches("[0-9]{4}-[01][0-9]-[0-3][0-9]");
        }
        if (person.has("tags")) {
            assertThat(person.get("tags").size()).isBetween(1, 3);
            person.get("tags").forEach(tag -> assertThat(tag.textValue()).isIn("a", "b"));
        }
        assertThat(person.get("home").get("lat").isNumber()).isTrue();
        if (person.hasNonNull("note")) {
            assertThat(person.get("note").textValue()).matches(Pattern.compile("[a-z]{2,4}"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'type':'object','properties':{}}; {}; true",
                "{'type':'object','properties':{'a':{'type':'null'}}}; {}; true",
                "{'type':'object','properties':{'a':{'type':'null'}}}; {'a': null}; true",
                "{'type':'object','properties':{'a':{'type':'null'}}}; {'b': null}; false",
                "{'type':'array','items':{'type':'integer'}}; [1, 2,-30]; true",
                "{'type':'array','items':{'type':'integer'}}; []; true",
                "{'type':'array','items':{'type':'integer'}}; [1,]; false",
                "{'type':'array','items':{'type':'integer'},'minItems':2}; [1]; false",
                "{'type':'array','items':{'type':'integer'},'maxItems':0}; []; true",
                "{'type':'array','items':{'type':'integer'},'maxItems':1}; [1,2]; false",
                "{'type':'integer'}; 007; false",
                "{'type':'number'}; -0.5e-3; true",
                "{'type':'number'}; 1.; false",
                "{'type':'string'}; 'a\\n\\u00e9é日'; true",
                "{'type':'string'}; 'a\\ud800'; false",
                "{'type':'string','maxLength':2}; '\\n\\t'; true",
                "{'type':'string','pattern':'b'}; 'abc'; true",
                "{'type':'string','pattern':'^b'}; 'abc'; false",
                "{'const':{'a':[1,'x']}}; {'a':[1,'x']}; true",
                "{'enum':['a',1,null]}; null; true",
                "{'type':'string','enum':['a',1]}; 1; false",
                "{'anyOf':[{'type':'integer'},{'type':'number'}]}; 1.5; true",
                "{'oneOf':[{'type':'integer'},{'type':'null'}]}; null; true"
            })
    void textsBelongOrNot(String schema, String text, boolean belongs) {
        assertThat(JsonSchemaLanguage.of(schema.replace('\'', '"')).contains(text.replace('\'', '"')))
                .isEqualTo(belongs);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{'type':'integer','minimum':3}; # has the keyword minimum, which is not supported",
                "{'type':'array'}; # is an array without items",
                "{}; # has no type, expected one of array, boolean",
                "{'type':'text'}; # has the type text, expected one of",
                "{'allOf':[{'type':'null'}]}; # has the keyword allOf",
                "{'type':'object','properties':{'a':{'type':'string','items':{}}}}; #/properties/a has the keyword items beside type string",
                "{'type':'object','required':['a']}; requires the property a, which properties does not describe",
                "{'type':'object','additionalProperties':{'type':'null'}}; expected true or false",
                "{'$ref':'#/$defs/a','$defs':{'a':{'type':'array','items':{'$ref':'#/$defs/a'}}}}; comes back to #/$defs/a",
                "{'$ref':'other.json'}; expected #/$defs/... or #/definitions/... that the schema has",
                "{'oneOf':[{'type':'integer'},{'type':'number'}]}; alternatives 0 and 1 with texts in common",
                "{'type':'string','format':'email'}; has the format email, expected one of date, date-time, time, uuid",
                "{'type':'string','pattern':'^a|b$'}; expected ^(...|...)$",
                "{'type':'string','pattern':'(?=a)'}; #/pattern is (?=a): at",
                "[1]; # is [1], expected a schema",
                "{'type'; it is no JSON"
            })
    void whatIsNotSupportedIsNamed(String schema, String message) {
        assertThatThrownBy(() -> JsonSchemaLanguage.of(schema.replace('\'', '"')))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message.trim());
    }
}
