package dev.lockstep.constraint;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The byte strings of a vocabulary's tokens, sorted, each with the length of the prefix it shares with the one before,
 * for walking an automaton over all of them at once. Immutable.
 */
final class Vocabulary {
    private final byte[][] texts;
    /** The tokens that have bytes, in the order of those. */
    private final int[] tokens;
    /** Bytes that a token's text shares with that of the token before it. */
    private final int[] shared;

    /** @param texts by token; null or empty for tokens that write nothing */
    Vocabulary(byte[][] texts) {
        this.texts = texts;
        this.tokens = IntStream.range(0, texts.length)
                .filter(token -> texts[token] != null && texts[token].length > 0)
                .boxed()
                .sorted(Comparator.comparing(token -> texts[token], Arrays::compareUnsigned))
                .mapToInt(Integer::intValue)
                .toArray();
        this.shared = new int[tokens.length];
        for (int i = 1; i < tokens.length; i++) {
            int mismatch = Arrays.mismatch(texts[tokens[i - 1]], texts[tokens[i]]);
            shared[i] = mismatch < 0 ? texts[tokens[i]].length : mismatch;
        }
    }

    /** Takes a token and the state after it. */
    @FunctionalInterface
    interface Visitor {
        void visit(int token, int next);
    }

    /** Whether there is a token of this byte alone. */
    boolean hasByte(int value) {
        for (int token : tokens) {
            if (texts[token].length == 1 && (texts[token][0] & 0xff) == value) {
                return true;
            }
        }
        return false;
    }

    /** Visits the tokens whose whole text can follow a state of the language. */
    void walk(Language language, int state, Visitor visitor) {
        int[] states = new int[64];
        states[0] = state;
        // Bytes of the last token looked at that the language goes on with.
        int reached = 0;
        for (int i = 0; i < tokens.length; i++) {
            byte[] text = texts[tokens[i]];
            if (shared[i] > reached) {
                continue; // it begins with what led nowhere
            }
            reached = shared[i];
            if (states.length <= text.length) {
                states = Arrays.copyOf(states, 2 * text.length);
            }
            while (reached < text.length) {
                int next = language.step(states[reached], text[reached] & 0xff);
                if (next == Language.NOWHERE) {
                    break;
                }
                states[++reached] = next;
            }
            if (reached == text.length) {
                visitor.visit(tokens[i], states[reached]);
            }
        }
    }

    /**
     * The state after a token's text; {@link Language#NOWHERE} where no text of the language continues so, or the token
     * has no text.
     */
    int step(Language language, int state, int token) {
        byte[] text = token < texts.length ? texts[token] : null;
        if (text == null || text.length == 0) {
            return Language.NOWHERE;
        }
        int next = state;
        for (int i = 0; i < text.length && next != Language.NOWHERE; i++) {
            next = language.step(next, text[i] & 0xff);
        }
        return next;
    }
}
