package dev.lockstep.measure;

import java.util.function.LongSupplier;

/**
 * Measures a loop again and again until it has settled. Code that is not compiled yet makes objects of what later lies in
 * registers (vectors above all), and where cores are busy the compiler is late; so early figures say nothing, while what
 * really allocates does so in every round.
 */
public final class Settling {
    /** Several times what any loop took. */
    private static final int ROUNDS = 100;

    private Settling() {}

    /**
     * The larger of two measurements in a row, where that is least.
     *
     * @param enough what is no longer improved upon: measuring ends with two in a row that are not above it
     * @param round runs the loop some times and says what that took
     */
    public static long least(long enough, LongSupplier round) {
        long least = Long.MAX_VALUE;
        long before = Long.MAX_VALUE;
        for (int i = 0; i < ROUNDS && least > enough; i++) {
            long now = round.getAsLong();
            least = Math.min(least, Math.max(before, now));
            before = now;
        }
        return least;
    }
}
