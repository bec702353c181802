package dev.lockstep.backend;

import dev.lockstep.partition.Meeting;

/**
 * How often ranks really met at a place.
 *
 * @param meeting the place, as planned
 * @param exchanges exchanges run
 * @param steps steps of its entry point run
 */
public record MeetingCount(Meeting meeting, long exchanges, long steps) {}
