package dev.lockstep.constraint;

import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.util.automaton.Automaton;

/**
 * Regular expressions in the common notation: characters, {@code .} (no line break), classes {@code [a-z]}, {@code
 * [^a-z]}, {@code \d \w \s} (ASCII) and {@code \D \W \S}, escapes {@code \n \r \t \f \v \0 \xHH \}{@code uHHHH} and of
 * punctuation, groups {@code ( )}, {@code (?: )} and named ones, {@code |}, and {@code * + ? {m} {m,} {m,n}}, also with
 * a lazy {@code ?}, which has no effect here. The whole text must match, so {@code ^} at the beginning and {@code $} at
 * the end are allowed and have no effect. Constructs that are not regular (back-references, look-around, word
 * boundaries, flags) are refused.
 */
public final class RegexLanguage {
    private static final int MOST_DEPTH = 200;
    private static final String SIGNS = "\\.[](){}*+?|^$/-\"'#&~@!%,:;<>=_` ";

    private final String pattern;
    private int at;
    private int depth;

    private RegexLanguage(String pattern) {
        this.pattern = pattern;
    }

    /**
     * The texts that match as a whole.
     *
     * @throws IllegalArgumentException naming the place, what is found there and what is expected
     */
    public static Language of(String pattern) {
        return Language.of(automaton(pattern));
    }

    /** The texts that match as a whole. */
    static Automaton automaton(String pattern) {
        RegexLanguage parser = new RegexLanguage(pattern);
        return parser.whole();
    }

    /** Whether a pattern is several alternatives at its top. */
    static boolean hasAlternatives(String pattern) {
        RegexLanguage parser = new RegexLanguage(pattern);
        parser.sequence();
        return parser.peek() == '|';
    }

    private Automaton whole() {
        if (peek() == '^') {
            at++;
        }
        Automaton all = alternatives();
        if (peek() == '$' && at + 1 == pattern.length()) {
            at++;
        }
        if (at < pattern.length()) {
            throw error(peek() == ')' ? "a ( before it" : "^ at the beginning and $ at the end alone");
        }
        return all;
    }

    private Automaton alternatives() {
        if (++depth > MOST_DEPTH) {
            throw error("groups at most " + MOST_DEPTH + " deep");
        }
        List<Automaton> choices = new ArrayList<>();
        choices.add(sequence());
        while (peek() == '|') {
            at++;
            choices.add(sequence());
        }
        depth--;
        return choices.size() == 1 ? choices.get(0) : Automatons.union(choices);
    }

    private Automaton sequence() {
        List<Automaton> parts = new ArrayList<>();
        while (at < pattern.length() && "|)^$".indexOf(peek()) < 0) {
            parts.add(repeated(atom()));
        }
        return parts.isEmpty() ? Automatons.empty() : Automatons.concatenate(parts);
    }

    private Automaton repeated(Automaton part) {
        int least;
        int most = Integer.MAX_VALUE;
        switch (peek()) {
            case '*' -> least = 0;
            case '+' -> least = 1;
            case '?' -> {
                least = 0;
                most = 1;
            }
            case '{' -> {
                at++;
                least = number();
                most = least;
                if (peek() == ',') {
                    at++;
                    most = peek() == '}' ? Integer.MAX_VALUE : number();
                }
                if (peek() != '}' || most < least) {
                    throw error("{m}, {m,} or {m,n} with m at most n");
                }
            }
            default -> {
                return part;
            }
        }
        at++;
        if (peek() == '?') {
            at++; // lazy
        }
        if (peek() == '+' || peek() == '*') {
            throw error("one repetition of a part: put it into a group to repeat it again");
        }
        return Automatons.repeat(part, least, most);
    }

    private int number() {
        int start = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == start || at - start > 6) {
            at = start;
            throw error("a count of 0 to 999999");
        }
        return Integer.parseInt(pattern.substring(start, at));
    }

    private Automaton atom() {
        int c = next();
        return switch (c) {
            case '(' -> group();
            case '[' -> characterClass();
            case '.' -> Automatons.not(Automatons.union(List.of(one('\n'), one('\r'))));
            case '\\' -> escape(false);
            case '*', '+', '?', '{' -> {
                at--;
                throw error("something to repeat before it; \\" + Character.toString(c) + " for the sign itself");
            }
            default -> one(c);
        };
    }

    private Automaton group() {
        if (peek() == '?') {
            at++;
            if (peek() == 'P') {
                at++;
            }
            boolean named = peek() == '<' && at + 1 < pattern.length() && "=!".indexOf(pattern.charAt(at + 1)) < 0;
            if (named) {
                int end = pattern.indexOf('>', at);
                if (end < 0) {
                    throw error("the > that ends the group's name");
                }
                at = end + 1;
            } else if (peek() == ':') {
                at++;
            } else {
                throw error("(?: or a named group: looking around, conditions and flags are not supported");
            }
        }
        Automaton inner = alternatives();
        if (peek() != ')') {
            throw error("the ) that ends a group");
        }
        at++;
        return inner;
    }

    // ---------------------------------------------------------------- characters

    private Automaton characterClass() {
        boolean negated = peek() == '^';
        if (negated) {
            at++;
        }
        List<Automaton> members = new ArrayList<>();
        boolean first = true;
        while (peek() != ']' || first) {
            if (at >= pattern.length()) {
                throw error("the ] that ends a class");
            }
            first = false;
            members.add(member());
        }
        at++;
        Automaton all = Automatons.union(members);
        return negated ? Automatons.not(all) : all;
    }

    private Automaton member() {
        int start = at;
        if (peek() == '\\' && at + 1 < pattern.length() && "dDwWsS".indexOf(pattern.charAt(at + 1)) >= 0) {
            at++;
            return escape(true);
        }
        int low = classCharacter();
        boolean range = peek() == '-' && at + 1 < pattern.length() && pattern.charAt(at + 1) != ']';
        if (!range) {
            return one(low);
        }
        at++;
        int high = classCharacter();
        if (high < low) {
            at = start;
            throw error("a range from the lower to the higher character");
        }
        return Automatons.range(low, high);
    }

    private int classCharacter() {
        int c = next();
        return c == '\\' ? escapedCharacter(true) : c;
    }

    private Automaton escape(boolean inClass) {
        switch (peek()) {
            case 'd', 'D', 'w', 'W', 's', 'S' -> {
                int c = next();
                Automaton set = named(Character.toLowerCase(c));
                return Character.isUpperCase(c) ? Automatons.not(set) : set;
            }
            default -> {
                return one(escapedCharacter(inClass));
            }
        }
    }

    private static Automaton named(int letter) {
        Automaton digits = Automatons.range('0', '9');
        return switch (letter) {
            case 'd' -> digits;
            case 'w' ->
                Automatons.union(List.of(digits, Automatons.range('a', 'z'), Automatons.range('A', 'Z'), one('_')));
            default -> Automatons.union(List.of(one(' '), Automatons.range('\t', '\r')));
        };
    }

    /** The character of an escape whose backslash is read. */
    private int escapedCharacter(boolean inClass) {
        int start = at;
        int c = next();
        switch (c) {
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'f':
                return '\f';
            case 'v':
                return 0x0B;
            case '0':
                return 0;
            case 'x':
                return hexadecimal(2);
            case 'u':
                return hexadecimal(4);
            default:
                if (c > 127 || SIGNS.indexOf(c) >= 0) {
                    return c;
                }
                at = start;
                throw error(
                        inClass
                                ? "an escape that is one character"
                                : "a known escape: references back, word boundaries and Unicode classes are not"
                                        + " supported");
        }
    }

    private int hexadecimal(int digits) {
        if (at + digits <= pattern.length()) {
            String text = pattern.substring(at, at + digits);
            if (text.matches("[0-9a-fA-F]+")) {
                at += digits;
                return Integer.parseInt(text, 16);
            }
        }
        throw error(digits + " hexadecimal digits");
    }

    private static Automaton one(int c) {
        return Automatons.range(c, c);
    }

    private int peek() {
        return at < pattern.length() ? pattern.charAt(at) : -1;
    }

    private int next() {
        if (at >= pattern.length()) {
            throw error("a character after it");
        }
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        return c;
    }

    private IllegalArgumentException error(String expected) {
        String found = at < pattern.length() ? "'" + Character.toString(pattern.codePointAt(at)) + "'" : "its end";
        return new IllegalArgumentException("at " + at + " stands " + found + ", expected " + expected);
    }
}
