package dev.lockstep.partition;

import dev.lockstep.graph.Model;

/** What one rank runs: the model, seen through the rank's slices, with the exchanges in place. */
public record RankGraph(Model model, Partition partition, int rank) {

    public Split split() {
        return partition.split();
    }

    public Plan plan() {
        return partition.plan();
    }

    public int ranks() {
        return partition.ranks();
    }
}
