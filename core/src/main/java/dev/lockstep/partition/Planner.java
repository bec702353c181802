package dev.lockstep.partition;

import dev.lockstep.graph.AxisUse;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds the partial values, those of them that some use needs complete, and an order with as few rounds of collectives
 * as possible: everything that is ready runs first, then all ready collectives of one kind together. Entry points (row
 * axes) are scheduled one after the other.
 */
final class Planner {
    private final Graph graph;
    private final Split split;
    private final BitSet partial = new BitSet();
    private final BitSet reduced = new BitSet();

    private Planner(Graph graph, Split split) {
        this.graph = graph;
        this.split = split;
    }

    static Plan plan(Graph graph, Split split) {
        Planner planner = new Planner(graph, split);
        planner.findSums();
        return new Plan(planner.schedule(), planner.partial, planner.reduced);
    }

    /**
     * Whether a sum over ranks passes through a node.
     *
     * @param open inputs that are summands of a sum
     */
    private boolean passesSums(Node node, int open) {
        return switch (node.op().traits().sums()) {
            case NONE -> false;
            case LINEAR -> true;
            case ONE_OPERAND -> open < 2;
            case FIRST_OPERAND -> !isOpen(node.input(1));
        };
    }

    private boolean isOpen(Value value) {
        int id = value.producer().id();
        return partial.get(id) && !reduced.get(id);
    }

    /** Forcing a value makes its later uses complete: iterates until the set of forced values is stable. */
    private void findSums() {
        BitSet producing = new BitSet();
        for (Node node : graph.nodes()) {
            if (producesSum(node)) {
                producing.set(node.id());
                if (split.splits(node.output().dim())) {
                    throw new IllegalStateException(node + " would be split and partial on one mesh axis");
                }
            }
        }
        BitSet before;
        do {
            before = (BitSet) reduced.clone();
            BitSet forced = propagate(producing);
            for (Value output : graph.outputs().values()) {
                if (partial.get(output.producer().id())) {
                    forced.set(output.producer().id());
                }
            }
            reduced.or(forced);
        } while (!before.equals(reduced));
        // A value forced in an early round may have become whole by an earlier reduction since.
        reduced.and(partial);
    }

    private boolean producesSum(Node node) {
        for (AxisUse use : node.signature()) {
            boolean sums = use.kind() == AxisUse.Kind.SUMMED || use.kind() == AxisUse.Kind.MASKED_LOOKUP;
            if (sums && split.splits(use.dim())) {
                return true;
            }
        }
        return false;
    }

    private BitSet propagate(BitSet producing) {
        partial.clear();
        BitSet forced = new BitSet();
        for (Node node : graph.nodes()) {
            int open = 0;
            for (Value input : node.inputs()) {
                // Inputs are counted, not collected: x * x meets one sum twice.
                open += isOpen(input) ? 1 : 0;
            }
            if (passesSums(node, open)) {
                if (open > 0) {
                    partial.set(node.id());
                }
            } else {
                for (Value input : node.inputs()) {
                    if (partial.get(input.producer().id())) {
                        forced.set(input.producer().id());
                    }
                }
            }
            if (producing.get(node.id())) {
                partial.set(node.id());
            }
        }
        return forced;
    }

    // ---------------------------------------------------------------- order

    /** A piece of work: a computation, or an exchange about one node. */
    private record Task(Plan.Exchange.Kind exchange, Node node) {}

    private List<Plan.Step> schedule() {
        Set<EntryPoint> entries = new LinkedHashSet<>();
        for (Node node : graph.nodes()) {
            entries.add(node.output().rows().entry());
        }
        List<Plan.Step> steps = new ArrayList<>();
        for (EntryPoint entry : entries) {
            scheduleEntry(entry, steps);
        }
        return steps;
    }

    private void scheduleEntry(EntryPoint entry, List<Plan.Step> steps) {
        Map<Task, Integer> waiting = new LinkedHashMap<>();
        Map<Task, List<Task>> followers = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            if (node.output().rows().entry() == entry) {
                Task compute = new Task(null, node);
                waiting.put(compute, 0);
                for (Value input : node.inputs()) {
                    follow(finished(input.producer()), compute, waiting, followers);
                }
                if (exchangesStatistics(node)) {
                    Task statistics = new Task(Plan.Exchange.Kind.STATISTICS, node);
                    waiting.put(statistics, 0);
                    follow(finished(node.input(0).producer()), statistics, waiting, followers);
                    follow(statistics, compute, waiting, followers);
                }
                if (reduced.get(node.id())) {
                    Task reduce = new Task(Plan.Exchange.Kind.ALL_REDUCE, node);
                    waiting.put(reduce, 0);
                    follow(compute, reduce, waiting, followers);
                }
            }
        }
        for (Value output : graph.outputs().values()) {
            if (output.rows().entry() == entry && split.splits(output.dim())) {
                Task gather = new Task(Plan.Exchange.Kind.GATHER, output.producer());
                waiting.put(gather, 0);
                follow(finished(output.producer()), gather, waiting, followers);
            }
        }
        order(waiting, followers, steps);
    }

    private boolean exchangesStatistics(Node node) {
        for (AxisUse use : node.signature()) {
            if (use.kind() == AxisUse.Kind.STATISTICS && split.splits(use.dim())) {
                return true;
            }
        }
        return false;
    }

    private Task finished(Node node) {
        return new Task(reduced.get(node.id()) ? Plan.Exchange.Kind.ALL_REDUCE : null, node);
    }

    private static void follow(Task first, Task then, Map<Task, Integer> waiting, Map<Task, List<Task>> followers) {
        if (waiting.containsKey(first)) {
            followers.computeIfAbsent(first, task -> new ArrayList<>()).add(then);
            waiting.merge(then, 1, Integer::sum);
        }
    }

    private static void order(Map<Task, Integer> waiting, Map<Task, List<Task>> followers, List<Plan.Step> steps) {
        TreeMap<Integer, Task> computations = new TreeMap<>();
        Map<Plan.Exchange.Kind, TreeMap<Integer, Task>> exchanges = new TreeMap<>();
        for (Map.Entry<Task, Integer> entry : waiting.entrySet()) {
            if (entry.getValue() == 0) {
                makeReady(entry.getKey(), computations, exchanges);
            }
        }
        while (true) {
            List<Task> batch;
            if (!computations.isEmpty()) {
                batch = List.of(computations.pollFirstEntry().getValue());
                steps.add(new Plan.Compute(batch.get(0).node()));
            } else {
                Plan.Exchange.Kind kind = earliest(exchanges);
                if (kind == null) {
                    return;
                }
                batch = new ArrayList<>(exchanges.remove(kind).values());
                steps.add(new Plan.Exchange(kind, batch.stream().map(Task::node).toList()));
            }
            for (Task done : batch) {
                for (Task follower : followers.getOrDefault(done, List.of())) {
                    if (waiting.merge(follower, -1, Integer::sum) == 0) {
                        makeReady(follower, computations, exchanges);
                    }
                }
            }
        }
    }

    private static void makeReady(
            Task task, TreeMap<Integer, Task> computations, Map<Plan.Exchange.Kind, TreeMap<Integer, Task>> exchanges) {
        if (task.exchange() == null) {
            computations.put(task.node().id(), task);
        } else {
            exchanges
                    .computeIfAbsent(task.exchange(), kind -> new TreeMap<>())
                    .put(task.node().id(), task);
        }
    }

    private static Plan.Exchange.Kind earliest(Map<Plan.Exchange.Kind, TreeMap<Integer, Task>> exchanges) {
        Plan.Exchange.Kind best = null;
        for (Map.Entry<Plan.Exchange.Kind, TreeMap<Integer, Task>> entry : exchanges.entrySet()) {
            if (best == null
                    || entry.getValue().firstKey() < exchanges.get(best).firstKey()) {
                best = entry.getKey();
            }
        }
        return best;
    }
}
