package dev.lockstep.generate;

import java.util.Arrays;

/** Numbers below a bound, each once, in the order in which they were added; any of them can be removed. */
final class NumberChain {
    private static final int ABSENT = -2;
    private static final int END = -1;

    private final int[] before;
    private final int[] after;
    private int oldest = END;
    private int newest = END;
    private int size;

    /** @param bound numbers are below it */
    NumberChain(int bound) {
        this.before = new int[bound];
        this.after = new int[bound];
        Arrays.fill(before, ABSENT);
    }

    int size() {
        return size;
    }

    void add(int number) {
        if (before[number] != ABSENT) {
            throw new IllegalStateException(number + " is in the chain already");
        }
        before[number] = newest;
        after[number] = END;
        if (newest == END) {
            oldest = number;
        } else {
            after[newest] = number;
        }
        newest = number;
        size++;
    }

    boolean contains(int number) {
        return before[number] != ABSENT;
    }

    /** The number that was added first; there is one. */
    int oldest() {
        return oldest;
    }

    /** The number that was added last; there is one. */
    int newest() {
        return newest;
    }

    void remove(int number) {
        if (number == END || before[number] == ABSENT) {
            throw new IllegalStateException(number + " is not among the " + size + " of the chain");
        }
        if (before[number] == END) {
            oldest = after[number];
        } else {
            after[before[number]] = after[number];
        }
        if (after[number] == END) {
            newest = before[number];
        } else {
            before[after[number]] = before[number];
        }
        before[number] = ABSENT;
        size--;
    }
}
