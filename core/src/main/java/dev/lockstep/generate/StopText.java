package dev.lockstep.generate;

import java.util.List;

/** A row's text while it grows, ended by the first of its stop strings. */
final class StopText {
    private final List<String> stops;
    private final int longest;
    private final IncrementalText incremental;
    private final StringBuilder text = new StringBuilder();

    /** The length before the stop string; -1 while none was found. */
    private int end = -1;

    StopText(List<String> stops, TextTokenizer tokenizer) {
        this.stops = stops;
        this.longest = stops.stream().mapToInt(String::length).max().orElseThrow();
        this.incremental = new IncrementalText(tokenizer);
    }

    /** Adds a token; true when the text has come to a stop string. */
    boolean append(int token) {
        String added = incremental.append(token);
        if (added.isEmpty()) {
            return false;
        }
        // A stop string may have begun in what was there before, but not earlier than this.
        int from = Math.max(0, text.length() - longest + 1);
        text.append(added);
        end = earliest(text, stops, from);
        return end >= 0;
    }

    /** The text before the stop string; null when none was found. */
    String text() {
        return end < 0 ? null : text.substring(0, end);
    }

    /** A finished text, cut before the earliest of the stop strings, if there is any. */
    static String cut(String text, List<String> stops) {
        int end = earliest(new StringBuilder(text), stops, 0);
        return end < 0 ? text : text.substring(0, end);
    }

    private static int earliest(StringBuilder text, List<String> stops, int from) {
        int earliest = -1;
        for (String stop : stops) {
            int at = text.indexOf(stop, from);
            if (at >= 0 && (earliest < 0 || at < earliest)) {
                earliest = at;
            }
        }
        return earliest;
    }
}
