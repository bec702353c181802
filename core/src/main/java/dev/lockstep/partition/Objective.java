package dev.lockstep.partition;

import java.util.Locale;

/** What the partitioner optimises. */
public enum Objective {
    /**
     * A maximal set of classes without conflict; tests use it, so that tiny models are split. Of several, the one with
     * the least work on the slowest rank, then the largest.
     */
    MAX,
    /** The fastest step of the slowest rank, exchanges included: what jobs use. */
    COST;

    /** @throws IllegalArgumentException naming the choices */
    public static Objective named(String name) {
        for (Objective objective : values()) {
            if (objective.name().toLowerCase(Locale.ROOT).equals(name)) {
                return objective;
            }
        }
        throw new IllegalArgumentException("split is '" + name + "', expected cost or max");
    }
}
