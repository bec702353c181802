package dev.lockstep.partition;

import java.util.List;

/**
 * A model's split over ranks.
 *
 * @param split who holds what
 * @param plan the order of work, and where ranks meet
 * @param chosen the classes that are split
 * @param classes all classes found
 */
public record Partition(Split split, Plan plan, List<AxisClass> chosen, List<AxisClass> classes) {

    public int ranks() {
        return split.ranks();
    }
}
