package dev.lockstep.generate;

import dev.lockstep.constraint.JsonSchemaLanguage;
import dev.lockstep.constraint.Language;
import dev.lockstep.constraint.RegexLanguage;
import java.util.List;
import java.util.function.Supplier;

/**
 * A constraint on a row's whole text. Only tokens that can satisfy it are generated, and the text ends only where it
 * satisfies the constraint, unless {@code max_new_tokens} or a stop cuts it short.
 */
public sealed interface Constraint {

    Constraint NONE = new None();

    /** The option it comes from. */
    String name();

    /** Its value as messages show it. */
    String shown();

    /** The texts that satisfy it; null for any. Every call creates a new object. */
    Language language();

    /** Makes a language now, so that an option that cannot be one is refused before any work. */
    private static void check(String name, String value, Supplier<Language> language) {
        try {
            language.get();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " is " + value + ", which cannot be used: " + e.getMessage(), e);
        }
    }

    /** Any text. */
    record None() implements Constraint {
        @Override
        public String name() {
            return "constraint";
        }

        @Override
        public String shown() {
            return "none";
        }

        @Override
        public Language language() {
            return null;
        }
    }

    /** One of these texts. */
    record Choice(List<String> texts) implements Constraint {
        public Choice {
            texts = List.copyOf(texts);
            OptionChecks.require(!texts.isEmpty(), "choice", texts, "one text or more");
            OptionChecks.require(
                    texts.stream().noneMatch(String::isEmpty), "choice", texts, "texts that are not empty");
        }

        @Override
        public String name() {
            return "choice";
        }

        @Override
        public String shown() {
            return texts.toString();
        }

        @Override
        public Language language() {
            return Language.ofTexts(texts);
        }
    }

    /** A text that matches a regular expression as a whole: see {@link dev.lockstep.constraint.RegexLanguage}. */
    record Regex(String pattern) implements Constraint {
        public Regex {
            check("regex", pattern, () -> RegexLanguage.of(pattern));
        }

        @Override
        public String name() {
            return "regex";
        }

        @Override
        public String shown() {
            return pattern;
        }

        @Override
        public Language language() {
            return RegexLanguage.of(pattern);
        }
    }

    /** A JSON text that a schema allows: see {@link dev.lockstep.constraint.JsonSchemaLanguage}. */
    record JsonSchema(String schema) implements Constraint {
        public JsonSchema {
            check("json_schema", schema, () -> JsonSchemaLanguage.of(schema));
        }

        @Override
        public String name() {
            return "json_schema";
        }

        @Override
        public String shown() {
            return schema;
        }

        @Override
        public Language language() {
            return JsonSchemaLanguage.of(schema);
        }
    }
}
