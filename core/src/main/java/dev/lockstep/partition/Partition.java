package dev.lockstep.partition;

import java.util.List;

/**
 * A model's split over ranks.
 *
 * @param split the indices that each rank holds
 * @param plan the order of work, and the collectives
 * @param chosen the classes that are split
 * @param classes all classes found
 */
public record Partition(Split split, Plan plan, List<AxisClass> chosen, List<AxisClass> classes) {

    public int ranks() {
        return split.ranks();
    }
}
