package dev.lockstep.constraint;

import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automaton;

/**
 * The pieces of a JSON text (RFC 8259) as they are generated: without white space but for one optional space after
 * commas and colons, and with numbers of bounded length, so that no text can be extended forever without adding
 * content.
 */
final class JsonText {
    private static final String INTEGER = "-?(0|[1-9][0-9]{0,17})";
    private static final String NUMBER = INTEGER + "(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?";
    /** Escapes of single characters: none of half a surrogate pair. */
    private static final String ESCAPE =
            "\\\\([\"\\\\/bfnrt]|u([0-9a-cA-CefEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2}))";

    private JsonText() {}

    static Automaton integer() {
        return RegexLanguage.automaton(INTEGER);
    }

    static Automaton number() {
        return RegexLanguage.automaton(NUMBER);
    }

    /** @param most {@link Integer#MAX_VALUE} for no end */
    static Automaton string(int least, int most) {
        Automaton character = Automatons.union(List.of(plainCharacter(), RegexLanguage.automaton(ESCAPE)));
        return quoted(Automatons.repeat(character, least, most));
    }

    /** A string whose characters, none of which needs an escape, are a text of the automaton. */
    static Automaton string(Automaton content) {
        return quoted(org.apache.lucene.util.automaton.Operations.intersection(
                content, Automatons.repeat(plainCharacter(), 0, Integer.MAX_VALUE)));
    }

    /** A character of a string that stands for itself. */
    static Automaton plainCharacter() {
        return Automatons.union(List.of(
                Automatons.range(0x20, '"' - 1),
                Automatons.range('"' + 1, '\\' - 1),
                Automatons.range('\\' + 1, Character.MAX_CODE_POINT)));
    }

    static Automaton comma() {
        return RegexLanguage.automaton(", ?");
    }

    static Automaton colon() {
        return RegexLanguage.automaton(": ?");
    }

    /** @param most {@link Integer#MAX_VALUE} for no end */
    static Automaton array(Automaton item, int least, int most) {
        Automaton following = Automatons.concatenate(comma(), item);
        List<Automaton> choices = new ArrayList<>();
        if (least == 0) {
            choices.add(Automatons.empty());
        }
        if (most > 0) {
            int more = most == Integer.MAX_VALUE ? most : most - 1;
            choices.add(Automatons.concatenate(item, Automatons.repeat(following, Math.max(0, least - 1), more)));
        }
        return bracketed("[", Automatons.union(choices), "]");
    }

    static Automaton bracketed(String open, Automaton inner, String close) {
        return Automatons.concatenate(Automatons.literal(open), inner, Automatons.literal(close));
    }

    private static Automaton quoted(Automaton content) {
        return bracketed("\"", content, "\"");
    }
}
