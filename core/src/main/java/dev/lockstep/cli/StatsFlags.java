package dev.lockstep.cli;

import picocli.CommandLine.Option;

/** What is measured of a run. */
final class StatsFlags {
    @Option(names = "--stats", description = "Print one line of JSON with counts and times at the end.")
    private boolean print;

    @Option(
            names = "--warm-up",
            paramLabel = "ROWS",
            defaultValue = "0",
            description = "First run this many rows without output or counting (default: none).")
    private int warmUpRows;

    boolean print() {
        return print;
    }

    int warmUpRows() {
        return warmUpRows;
    }
}
