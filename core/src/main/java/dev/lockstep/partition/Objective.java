package dev.lockstep.partition;

import java.util.Locale;

/** What the partitioner optimises. */
public enum Objective {
    /** The largest set of classes without conflict: what tests use, so that tiny models really are split. */
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
