package dev.lockstep.explain;

import java.util.Locale;

/** Lines of a report: section titles, and rows of three columns below them. */
final class Table {
    private static final int NAME_WIDTH = 72;
    private static final int COUNT_WIDTH = 9;

    private final StringBuilder text = new StringBuilder();

    void title(String title) {
        text.append(title).append('\n');
    }

    void row(String name, String count, String rest) {
        String line = "  " + padded(name, NAME_WIDTH) + padded(count, COUNT_WIDTH) + rest;
        text.append(line.stripTrailing()).append('\n');
    }

    private static String padded(String cell, int width) {
        return cell.length() < width ? cell + " ".repeat(width - cell.length()) : cell + "  ";
    }

    /** Bytes as digits in groups, and in the unit people use. */
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
        return text.toString();
    }
}
