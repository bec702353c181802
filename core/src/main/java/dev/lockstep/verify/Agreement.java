package dev.lockstep.verify;

import java.util.Locale;

/**
 * At how many positions that a reference is sure of two computations choose alike.
 *
 * @param positions the positions
 * @param agreed those of them at which the choice is the reference's
 */
public record Agreement(long positions, long agreed) {
    static final Agreement NONE = new Agreement(0, 0);

    /** The least share of positions that must agree, in percent. */
    static final int BAR = 99;

    Agreement plus(Agreement other) {
        return new Agreement(positions + other.positions, agreed + other.agreed);
    }

    /** Share of positions at which both choose alike; 1 where there are none. */
    public double share() {
        return positions == 0 ? 1 : (double) agreed / positions;
    }

    /** Whether the share reaches the bar. */
    public boolean passes() {
        return 100 * agreed >= BAR * positions;
    }

    /** Whether the share is below the bar by less than one position, if at all: what a handful of positions can tell. */
    boolean passesButForOne() {
        return 100 * (agreed + 1) > BAR * positions;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "agreement=%d/%d (%.2f%%)", agreed, positions, 100 * share());
    }
}
