package dev.lockstep.verify;

import java.util.Locale;

/**
 * At how many positions, among those where the reference has a clear margin, two computations make the same choice.
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

    /** Share of positions at which both make the same choice; 1 where there are none. */
    public double share() {
        return positions == 0 ? 1 : (double) agreed / positions;
    }

    /** Whether the share reaches the bar. */
    public boolean passes() {
        return 100 * agreed >= BAR * positions;
    }

    /**
     * Whether the share reaches the bar or misses it by less than one position: a folder has too few positions for
     * more.
     */
    boolean passesButForOne() {
        return 100 * (agreed + 1) > BAR * positions;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "agreement=%d/%d (%.2f%%)", agreed, positions, 100 * share());
    }
}
