package dev.lockstep.partition;

import dev.lockstep.graph.Atom;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One kind of axis over all layers: its runs of factors, and why it cannot be split, or null. */
public final class AxisClass {
    private final String name;
    private final List<List<Atom>> runs = new ArrayList<>();
    private final Set<AxisClass> conflicts = new LinkedHashSet<>();
    private String obstacle;

    AxisClass(String name) {
        this.name = name;
    }

    /** What reports call it: layer numbers are starred. */
    public String name() {
        return name;
    }

    /** Adjacent factors that are split together, one run per layer or place. */
    public List<List<Atom>> runs() {
        return runs;
    }

    /** Classes that meet this one in some weight or value: there one of the two can be split, not both. */
    public Set<AxisClass> conflicts() {
        return conflicts;
    }

    /** Why it stays whole, or null when it may be split. */
    public String obstacle() {
        return obstacle;
    }

    void obstruct(String why) {
        if (obstacle == null) {
            obstacle = why;
        }
    }

    /** Indices of the largest run. */
    public int size() {
        int most = 0;
        for (List<Atom> run : runs) {
            most = Math.max(most, size(run));
        }
        return most;
    }

    public boolean legal() {
        return obstacle == null && size() > 1 && !conflicts.contains(this);
    }

    static int size(List<Atom> run) {
        int product = 1;
        for (Atom atom : run) {
            product *= atom.size();
        }
        return product;
    }

    @Override
    public String toString() {
        return name + ":" + size();
    }
}
