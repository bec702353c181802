package dev.lockstep.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines of a report: section titles, with rows of three columns below them, as wide as their contents. */
final class Table {
    /** A longer name shifts only the rest of its own row to the right. */
    private static final int MOST_NAME_WIDTH = 64;

    private final List<Line> lines = new ArrayList<>();

    private record Line(String title, String name, String count, String rest) {}

    void title(String title) {
        lines.add(new Line(title, "", "", ""));
    }

    void row(String name, String count, String rest) {
        lines.add(new Line(null, name, count, rest));
    }

    /** Bytes with grouped digits, and in a readable unit. */
    static String bytes(long bytes) {
        String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        String exact = String.format(Locale.ROOT, "%,d bytes", bytes);
        return unit == 0 ? exact : exact + String.format(Locale.ROOT, " (%.2f %s)", value, units[unit]);
    }

    static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f%%", 100 * fraction);
    }

    @Override
    public String toString() {
        int names = 0;
        int counts = 0;
        for (Line line : lines) {
            names = Math.max(names, Math.min(line.name().length(), MOST_NAME_WIDTH));
            counts = Math.max(counts, line.count().length());
        }
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            String row = "  " + padded(line.name(), names) + "  " + padded(line.count(), counts) + "  " + line.rest();
            text.append(line.title() != null ? line.title() : row.stripTrailing())
                    .append('\n');
        }
        return text.toString();
    }

    private static String padded(String cell, int width) {
        return cell + " ".repeat(Math.max(0, width - cell.length()));
    }
}
