package dev.lockstep.partition;

import dev.lockstep.graph.Graph;
import java.util.ArrayList;
import java.util.List;

/** Chooses which classes to split. A graph has few classes whatever its layers, so all sets without conflict are tried. */
public final class Partitioner {
    /** Columns that GEMM kernels like to keep together. */
    private static final int TILE = 64;
    /** Above this many legal classes, only the largest are considered: 2^12 plans take a second. */
    private static final int MOST_CLASSES = 12;

    private final Machine machine;

    public Partitioner(Machine machine) {
        this.machine = machine;
    }

    /**
     * Splits a graph over ranks and proves the plan with the independent checker.
     *
     * @throws IllegalArgumentException when there are no ranks
     */
    public Partition partition(Graph graph, int ranks, Objective objective) {
        if (ranks < 1) {
            throw new IllegalArgumentException("tp is " + ranks + ", expected at least 1");
        }
        List<AxisClass> classes = AxisClasses.of(graph);
        List<AxisClass> chosen = ranks == 1 ? List.of() : choose(graph, classes, ranks, objective);
        return partition(graph, ranks, chosen, classes);
    }

    /** Splits exactly the given classes, which must be legal and without conflict: for tests of the rules. */
    public Partition partition(Graph graph, int ranks, List<AxisClass> chosen, List<AxisClass> classes) {
        Split split = Split.of(chosen, ranks, TILE);
        Partition partition = new Partition(split, Planner.plan(graph, split), chosen, classes);
        PlanChecker.check(graph, partition);
        return partition;
    }

    /** All classes of a graph, for reports and tests. */
    public static List<AxisClass> classes(Graph graph) {
        return AxisClasses.of(graph);
    }

    private List<AxisClass> choose(Graph graph, List<AxisClass> classes, int ranks, Objective objective) {
        List<List<AxisClass>> sets = conflictFree(classes);
        if (objective == Objective.MAX) {
            int most = sets.stream().mapToInt(List::size).max().orElse(0);
            sets.removeIf(set -> set.size() < most);
        }
        List<AxisClass> best = null;
        double bestTime = 0;
        double bestWeights = 0;
        for (List<AxisClass> set : sets) {
            Cost cost = new Cost(graph, Split.of(set, ranks, TILE), machine);
            double time = objective == Objective.MAX ? cost.slowestFlops() : cost.seconds();
            double weights = objective == Objective.MAX ? cost.mostWeights() : -set.size();
            if (best == null || time < bestTime || (time == bestTime && weights < bestWeights)) {
                best = set;
                bestTime = time;
                bestWeights = weights;
            }
        }
        return best;
    }

    private static List<List<AxisClass>> conflictFree(List<AxisClass> classes) {
        List<AxisClass> legal =
                new ArrayList<>(classes.stream().filter(AxisClass::legal).toList());
        if (legal.size() > MOST_CLASSES) {
            legal.sort((a, b) -> Integer.compare(b.size(), a.size()));
            legal = legal.subList(0, MOST_CLASSES);
        }
        List<List<AxisClass>> sets = new ArrayList<>();
        sets.add(List.of());
        for (AxisClass candidate : legal) {
            for (List<AxisClass> set : List.copyOf(sets)) {
                if (set.stream().noneMatch(other -> other.conflicts().contains(candidate))) {
                    List<AxisClass> larger = new ArrayList<>(set);
                    larger.add(candidate);
                    sets.add(larger);
                }
            }
        }
        return sets;
    }
}
