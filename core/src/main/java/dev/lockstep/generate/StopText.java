package dev.lockstep.generate;

import java.util.List;

/** A row's text while it grows, ended by the first of its stop strings. */
final class StopText {
    private final List<String> stops;
    private final int longest;
    private final TextTokenizer tokenizer;
    private IncrementalText incremental;
    private final StringBuilder text = new StringBuilder();

    /** Stop strings that end at this length or before do not count. */
    private int countsFrom;
    /** The length before the stop string; -1 while none was found. */
    private int end = -1;

    StopText(List<String> stops, TextTokenizer tokenizer) {
        this.stops = stops;
        this.longest = stops.stream().mapToInt(String::length).max().orElseThrow();
        this.tokenizer = tokenizer;
        this.incremental = new IncrementalText(tokenizer);
    }

    /** Begins again with no text. */
    void clear() {
        incremental = new IncrementalText(tokenizer);
        text.setLength(0);
        countsFrom = 0;
        end = -1;
    }

    /**
     * Adds a token.
     *
     * @param counts whether a stop string that ends with it counts
     * @return true when the text has reached a stop string
     */
    boolean append(int token, boolean counts) {
        String added = incremental.append(token);
        // A stop string may have begun in what was there before, but not earlier than this.
        int from = Math.max(0, text.length() - longest + 1);
        text.append(added);
        if (!counts) {
            countsFrom = text.length();
        } else if (!added.isEmpty()) {
            end = earliest(text, stops, from, countsFrom);
        }
        return end >= 0;
    }

    /** Stop strings that end at this length of the text or before do not count. */
    int countsFrom() {
        return countsFrom;
    }

    /** The text before the stop string; null when none was found. */
    String text() {
        return end < 0 ? null : text.substring(0, end);
    }

    /**
     * A finished text, cut before the earliest of the stop strings, if there is any.
     *
     * @param countsFrom stop strings that end at this length or before do not count
     */
    static String cut(String text, List<String> stops, int countsFrom) {
        int end = earliest(new StringBuilder(text), stops, 0, countsFrom);
        return end < 0 ? text : text.substring(0, end);
    }

    private static int earliest(StringBuilder text, List<String> stops, int from, int countsFrom) {
        int earliest = -1;
        for (String stop : stops) {
            int at = text.indexOf(stop, Math.max(from, countsFrom - stop.length() + 1));
            if (at >= 0 && (earliest < 0 || at < earliest)) {
                earliest = at;
            }
        }
        return earliest;
    }
}
