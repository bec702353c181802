package dev.lockstep.partition;

import dev.lockstep.graph.Graph;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Chooses which classes to split. A graph has few classes whatever its layers, so all sets without conflict are tried. */
public final class Partitioner {
    /** Columns that GEMM kernels like to keep together. */
    private static final int TILE = 64;
    /** Above this many legal classes, only the largest are considered: 2^12 plans take a second. */
    private static final int MOST_CLASSES = 12;

    private static final Comparator<Choice> FASTEST = Comparator.comparingDouble(Choice::time)
            .thenComparingInt(choice -> -choice.set().size())
            .thenComparingLong(Choice::weights);

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
            List<AxisClass> single = sets.stream()
                    .filter(set -> set.size() == 1)
                    .map(set -> set.get(0))
                    .toList();
            sets.removeIf(set -> canGrow(set, single));
        }
        List<Choice> choices = new ArrayList<>();
        for (List<AxisClass> set : sets) {
            Cost cost = new Cost(graph, Split.of(set, ranks, TILE), machine);
            choices.add(
                    objective == Objective.MAX
                            ? new Choice(set, cost.slowestFlops(), cost.mostWeights())
                            : new Choice(set, cost.seconds(), 0));
        }
        return Collections.min(choices, FASTEST).set();
    }

    /** A set of classes, the work or time of the slowest rank, and what decides between equal ones of a size. */
    private record Choice(List<AxisClass> set, double time, long weights) {}

    /** Whether some other class conflicts with none of the set. */
    private static boolean canGrow(List<AxisClass> set, List<AxisClass> considered) {
        return considered.stream()
                .anyMatch(other -> !set.contains(other)
                        && set.stream().noneMatch(member -> member.conflicts().contains(other)));
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
