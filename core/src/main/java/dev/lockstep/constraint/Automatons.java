package dev.lockstep.constraint;

import java.util.List;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;

/** Builds automata over code points under a limit of size, so that no expression can exhaust memory. */
final class Automatons {
    /** States of an automaton on the way. */
    private static final int MOST_STATES = 200_000;

    private static final int LAST_BEFORE_SURROGATES = 0xD7FF;
    private static final int FIRST_AFTER_SURROGATES = 0xE000;
    private static final int LAST = Character.MAX_CODE_POINT;

    private Automatons() {}

    static Automaton empty() {
        return Automata.makeEmptyString();
    }

    static Automaton literal(String text) {
        return Automata.makeString(text);
    }

    /** One character of a range, surrogates left out: they are no characters, and UTF-8 has no bytes for them. */
    static Automaton range(int first, int last) {
        if (last < FIRST_AFTER_SURROGATES && first > LAST_BEFORE_SURROGATES) {
            return Automata.makeEmpty();
        }
        if (last <= LAST_BEFORE_SURROGATES || first >= FIRST_AFTER_SURROGATES) {
            return Automata.makeCharRange(first, last);
        }
        Automaton low = first > LAST_BEFORE_SURROGATES
                ? Automata.makeEmpty()
                : Automata.makeCharRange(first, LAST_BEFORE_SURROGATES);
        Automaton high = last < FIRST_AFTER_SURROGATES
                ? Automata.makeEmpty()
                : Automata.makeCharRange(FIRST_AFTER_SURROGATES, last);
        return union(List.of(low, high));
    }

    static Automaton anyCharacter() {
        return range(0, LAST);
    }

    /** One character that the other, of one character too, is not. */
    static Automaton not(Automaton characters) {
        return checked(Operations.minus(anyCharacter(), characters, Operations.DEFAULT_DETERMINIZE_WORK_LIMIT));
    }

    static Automaton concatenate(List<Automaton> parts) {
        return checked(Operations.concatenate(parts));
    }

    static Automaton concatenate(Automaton... parts) {
        return concatenate(List.of(parts));
    }

    static Automaton union(List<Automaton> choices) {
        return checked(Operations.union(choices));
    }

    static Automaton optional(Automaton part) {
        return Operations.optional(part);
    }

    /** @param most {@link Integer#MAX_VALUE} for no end */
    static Automaton repeat(Automaton part, int least, int most) {
        int copies = most == Integer.MAX_VALUE ? least + 1 : most;
        if ((long) copies * Math.max(1, part.getNumStates()) > MOST_STATES) {
            throw tooLarge();
        }
        if (most == Integer.MAX_VALUE) {
            return checked(Operations.repeat(part, least));
        }
        return most == 0 ? empty() : checked(Operations.repeat(part, least, most));
    }

    private static Automaton checked(Automaton automaton) {
        if (automaton.getNumStates() > MOST_STATES) {
            throw tooLarge();
        }
        return automaton;
    }

    private static IllegalArgumentException tooLarge() {
        return new IllegalArgumentException("it needs an automaton of more than " + MOST_STATES
                + " states, expected fewer: lower its repetitions or lengths");
    }
}
