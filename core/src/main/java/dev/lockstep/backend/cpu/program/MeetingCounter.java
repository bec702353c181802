package dev.lockstep.backend.cpu.program;

import dev.lockstep.partition.Meeting;

/** Counts how often ranks really met at one place. */
final class MeetingCounter {
    private final Meeting meeting;
    private long exchanges;

    MeetingCounter(Meeting meeting) {
        this.meeting = meeting;
    }

    void count() {
        exchanges++;
    }

    Meeting meeting() {
        return meeting;
    }

    long exchanges() {
        return exchanges;
    }
}
