package dev.lockstep.generate;

import java.util.Arrays;

/**
 * The text of a growing sequence of tokens. A token's text can depend on its predecessors (a leading space, bytes of
 * one character), so it is the difference between decoding a short window with and without the token. Characters whose
 * bytes are incomplete are held back.
 */
final class IncrementalText {
    private static final char REPLACEMENT = '\uFFFD';

    private final TextTokenizer tokenizer;
    private int[] tokens = new int[16];
    private int length;
    /** Tokens before this one no longer influence what follows. */
    private int windowStart;
    /** The text of tokens before this one is out. */
    private int settled;

    private String settledWindow = "";

    IncrementalText(TextTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** The text that became complete by this token; may be empty. */
    String append(int token) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, length * 2);
        }
        tokens[length++] = token;
        String window = tokenizer.decode(tokens, windowStart, length);
        boolean complete = !window.isEmpty() && window.charAt(window.length() - 1) != REPLACEMENT;
        if (!complete || window.length() <= settledWindow.length()) {
            return "";
        }
        String added = window.substring(settledWindow.length());
        windowStart = settled;
        settled = length;
        settledWindow = tokenizer.decode(tokens, windowStart, settled);
        return added;
    }
}
