package dev.lockstep.partition;

import dev.lockstep.graph.Atom;
import dev.lockstep.graph.Dim;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Monomial;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Weight;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Finds the axis classes of a graph. A class is illegal when an op closes it or when one weight or value holds it
 * twice; two classes conflict when one weight or value holds both, since one mesh axis splits one axis of each.
 */
final class AxisClasses {
    private static final Pattern LAYER_NUMBER = Pattern.compile("\\d+\\.");

    private final Map<Atom, List<Atom>> runOf = new LinkedHashMap<>();
    private final Map<List<Atom>, AxisClass> classOf = new LinkedHashMap<>();
    private final Map<String, AxisClass> byName = new LinkedHashMap<>();

    private AxisClasses() {}

    static List<AxisClass> of(Graph graph) {
        AxisClasses finder = new AxisClasses();
        finder.joinHeadRuns(graph);
        List<List<Dim>> tensors = tensors(graph);
        for (List<Dim> tensor : tensors) {
            for (Dim dim : tensor) {
                for (Atom leaf : dim.leaves()) {
                    finder.classify(leaf);
                }
            }
        }
        for (List<Dim> tensor : tensors) {
            finder.findConflicts(tensor);
        }
        return new ArrayList<>(finder.byName.values());
    }

    private static List<List<Dim>> tensors(Graph graph) {
        List<List<Dim>> tensors = new ArrayList<>();
        for (Weight weight : graph.weights()) {
            tensors.add(weight.dims());
        }
        for (Node node : graph.nodes()) {
            tensors.add(List.of(node.output().dim()));
        }
        return tensors;
    }

    private void joinHeadRuns(Graph graph) {
        for (Dim heads : graph.headRuns()) {
            List<Atom> run = heads.factors();
            for (Atom atom : run) {
                runOf.put(atom, run);
            }
        }
        for (Atom atom : List.copyOf(runOf.keySet())) {
            if (atom.isSum()) {
                for (Atom leaf : Dim.of(atom).leaves()) {
                    runOf.put(leaf, runOf.get(atom));
                }
            }
        }
    }

    private List<Atom> run(Atom atom) {
        return runOf.getOrDefault(atom, List.of(atom));
    }

    private void classify(Atom leaf) {
        List<Atom> run = run(leaf);
        if (run.isEmpty() || classOf.containsKey(run)) {
            return;
        }
        Atom namesake =
                run.stream().max(Comparator.comparingInt(Atom::namePriority)).orElseThrow();
        String name = LAYER_NUMBER.matcher(namesake.name()).replaceAll("*.");
        AxisClass found = byName.computeIfAbsent(name, AxisClass::new);
        found.runs().add(run);
        classOf.put(run, found);
        for (Atom part : new Dim(run).leaves()) {
            if (part.closed() != null) {
                found.obstruct(part.closed());
            }
        }
    }

    /** Every product of the tensor, seen as a sum of products, must hold at most one split class, once. */
    private void findConflicts(List<Dim> tensor) {
        List<List<AxisClass>> terms = List.of(List.of());
        for (Dim dim : tensor) {
            Set<Set<AxisClass>> ofDim = new LinkedHashSet<>();
            for (Monomial monomial : dim.monomials(Set.of())) {
                Set<AxisClass> held = new LinkedHashSet<>();
                for (Monomial.Factor factor : monomial.factors()) {
                    held.add(classOf.get(run(factor.atom())));
                }
                ofDim.add(held);
            }
            List<List<AxisClass>> next = new ArrayList<>();
            for (List<AxisClass> term : terms) {
                for (Set<AxisClass> held : ofDim) {
                    List<AxisClass> joined = new ArrayList<>(term);
                    joined.addAll(held);
                    next.add(joined);
                }
            }
            terms = next;
        }
        for (List<AxisClass> term : terms) {
            for (int i = 0; i < term.size(); i++) {
                if (term.subList(0, i).contains(term.get(i))) {
                    term.get(i).obstruct("occurs twice in one weight");
                }
                for (AxisClass other : term) {
                    if (other != term.get(i)) {
                        term.get(i).conflicts().add(other);
                    }
                }
            }
        }
    }
}
