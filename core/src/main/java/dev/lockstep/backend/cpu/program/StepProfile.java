package dev.lockstep.backend.cpu.program;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time a program spends per kind of instruction; logged when the program is closed. Enabled by the system property
 * {@code lockstep.cpu.profile}.
 */
final class StepProfile {
    private static final Logger LOG = LoggerFactory.getLogger(StepProfile.class);

    /** Time of the instructions of one name. */
    private static final class Entry {
        private long nanoseconds;
        private long rows;
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();
    /** When the last instruction ended; 0 before the first. */
    private long ended;

    private long between;

    /** A profile if enabled, else null. */
    static StepProfile ifWanted() {
        return Boolean.getBoolean("lockstep.cpu.profile") ? new StepProfile() : null;
    }

    /** Starts a step. */
    void begin() {
        long now = System.nanoTime();
        between += ended == 0 ? 0 : now - ended;
        ended = now;
    }

    /**
     * Records that an instruction has run.
     *
     * @param rows of the step
     */
    void ran(String name, int rows) {
        long now = System.nanoTime();
        Entry sum = entries.computeIfAbsent(name, any -> new Entry());
        sum.nanoseconds += now - ended;
        sum.rows += rows;
        ended = now;
    }

    /** Logs the measurements, longest first. */
    void report() {
        long all = between
                + entries.values().stream().mapToLong(e -> e.nanoseconds).sum();
        StringBuilder text = new StringBuilder("where steps spent their time:");
        line(text, "between steps", between, all, 0);
        List<Map.Entry<String, Entry>> sorted = entries.entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, Entry> e) -> -e.getValue().nanoseconds))
                .toList();
        for (Map.Entry<String, Entry> entry : sorted) {
            line(text, entry.getKey(), entry.getValue().nanoseconds, all, entry.getValue().rows);
        }
        LOG.warn("{}", text);
    }

    private static void line(StringBuilder text, String name, long nanoseconds, long all, long rows) {
        double nanosecondsPerRow = rows == 0 ? 0 : (double) nanoseconds / rows;
        text.append(String.format(
                Locale.ROOT,
                "%n  %-28s %8.3f s %5.1f %% %10.1f ns per token and layer",
                name,
                nanoseconds / 1e9,
                100.0 * nanoseconds / all,
                nanosecondsPerRow));
    }
}
