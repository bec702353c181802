package dev.lockstep.backend.cpu.program;

import dev.lockstep.partition.Collective;

/** Counts how often one collective actually ran. */
final class CollectiveCounter {
    private final Collective collective;
    private long exchanges;

    CollectiveCounter(Collective collective) {
        this.collective = collective;
    }

    void count() {
        exchanges++;
    }

    Collective collective() {
        return collective;
    }

    long exchanges() {
        return exchanges;
    }
}
