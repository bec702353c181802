package dev.lockstep.generate;

/** Refuses option values, naming the option, the value and what is expected. */
final class OptionChecks {
    private OptionChecks() {}

    static void require(boolean holds, String name, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + " is " + found + ", expected " + expected);
        }
    }
}
