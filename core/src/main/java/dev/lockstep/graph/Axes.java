package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Unites the axes of dimensions that describe the same indices. Two products of the same size are matched from both
 * ends and refined to their common factors. When a sum meets a product, the product's major factor is refined at the
 * cuts of the sum. An axis that cannot be matched is closed, with the reason: that is always correct, but the axis is
 * never split.
 */
final class Axes {
    private Axes() {}

    /** @throws GraphException when the sizes differ */
    static void equate(Dim first, Dim second) {
        if (first.size() != second.size()) {
            throw new GraphException(
                    "dimensions differ: " + first.size() + " " + first + " against " + second.size() + " " + second);
        }
        match(first.factors(), second.factors());
    }

    private static void match(List<Atom> first, List<Atom> second) {
        List<Atom> p = first;
        List<Atom> q = second;
        while (!p.isEmpty() && !q.isEmpty()) {
            if (sameSize(p.get(0), q.get(0))) {
                unite(p.remove(0), q.remove(0));
                continue;
            }
            if (sameSize(p.get(p.size() - 1), q.get(q.size() - 1))) {
                unite(p.remove(p.size() - 1), q.remove(q.size() - 1));
                continue;
            }
            if (p.get(0).size() < q.get(0).size()) {
                List<Atom> swap = p;
                p = q;
                q = swap;
            }
            Atom coarse = p.get(0);
            Atom fine = q.get(0);
            if (coarse.isLeaf() && coarse.size() % fine.size() == 0) {
                Atom major = new Atom(fine.size(), coarse.name(), coarse.namePriority());
                Atom minor = new Atom(coarse.size() / fine.size(), coarse.name() + ".minor", 0);
                coarse.refine(Atom.Kind.PRODUCT, List.of(Dim.of(major, minor)));
            } else if (coarse.isSum() && p.size() == 1 && SumSplit.distribute(coarse, q)) {
                return;
            } else {
                new Dim(p).close("no common factors");
                new Dim(q).close("no common factors");
                return;
            }
            p = new Dim(p).factors();
            q = new Dim(q).factors();
        }
    }

    private static boolean sameSize(Atom first, Atom second) {
        return first.find() == second.find() || first.size() == second.size();
    }

    /** Makes two atoms of the same size one axis. */
    static void unite(Atom first, Atom second) {
        Atom keep = first.find();
        Atom drop = second.find();
        if (keep == drop) {
            return;
        }
        if (!drop.isLeaf()) {
            Atom swap = keep;
            keep = drop;
            drop = swap;
        }
        if (drop.isSum()) {
            if (!sizes(keep.parts()).equals(sizes(drop.parts()))) {
                Dim.of(keep).close("cut at different places");
                Dim.of(drop).close("cut at different places");
                return;
            }
            for (int i = 0; i < keep.parts().size(); i++) {
                equate(keep.parts().get(i), drop.parts().get(i));
            }
        }
        keep.rename(drop.name(), drop.namePriority());
        String closed = drop.closed();
        drop.linkTo(keep);
        if (closed != null) {
            // If the dropped atom was a sum, its leaves get the reason too; they were equated above.
            keep.close(closed);
            Dim.of(keep).close(closed);
        }
    }

    private static List<Integer> sizes(List<Dim> dims) {
        List<Integer> sizes = new ArrayList<>();
        for (Dim dim : dims) {
            sizes.add(dim.size());
        }
        return sizes;
    }
}
