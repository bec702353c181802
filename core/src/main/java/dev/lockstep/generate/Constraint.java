package dev.lockstep.generate;

import java.util.List;

/**
 * What a row's whole text must look like. Only tokens that keep to it are generated, and the text ends only where it is
 * complete, unless {@code max_new_tokens} or a stop cuts it short.
 */
public sealed interface Constraint {

    Constraint NONE = new None();

    /** The option it comes from. */
    String name();

    /** Its value as messages show it. */
    String shown();

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
    }

    /** A text that matches a regular expression as a whole: see {@link dev.lockstep.constraint.RegexLanguage}. */
    record Regex(String pattern) implements Constraint {
        @Override
        public String name() {
            return "regex";
        }

        @Override
        public String shown() {
            return pattern;
        }
    }

    /** A JSON text that a schema allows: see {@link dev.lockstep.constraint.JsonSchemaLanguage}. */
    record JsonSchema(String schema) implements Constraint {
        @Override
        public String name() {
            return "json_schema";
        }

        @Override
        public String shown() {
            return schema;
        }
    }
}
