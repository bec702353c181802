package dev.lockstep.constraint;

import java.util.List;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/** Well-formed UTF-8 as an automaton over bytes (Unicode 15, table 3-7). */
final class Utf8 {
    private Utf8() {}

    static Automaton valid() {
        return Operations.repeat(Operations.union(List.of(
                Automata.makeCharRange(0x00, 0x7F),
                character(0xC2, 0xDF, 0x80, 0xBF, 0),
                character(0xE0, 0xE0, 0xA0, 0xBF, 1),
                character(0xE1, 0xEC, 0x80, 0xBF, 1),
                character(0xED, 0xED, 0x80, 0x9F, 1),
                character(0xEE, 0xEF, 0x80, 0xBF, 1),
                character(0xF0, 0xF0, 0x90, 0xBF, 2),
                character(0xF1, 0xF3, 0x80, 0xBF, 2),
                character(0xF4, 0xF4, 0x80, 0x8F, 2))));
    }

    /** A first and a second byte of these ranges, then {@code more} of any continuation. */
    private static Automaton character(int first, int last, int secondFirst, int secondLast, int more) {
        return Operations.concatenate(List.of(
                Automata.makeCharRange(first, last),
                Automata.makeCharRange(secondFirst, secondLast),
                Operations.repeat(Automata.makeCharRange(0x80, 0xBF), more, more)));
    }
}
