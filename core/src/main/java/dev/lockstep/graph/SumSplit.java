package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * Matches a direct sum with a product: the product's major factor becomes a sum, cut where the first sum is cut. If a
 * cut falls inside a grain, that grain becomes a part by itself between the two others. The rows around the cut stay
 * whole on all ranks.
 */
final class SumSplit {
    private final Atom major;
    private final Dim minor;
    private final List<Dim> pieces = new ArrayList<>();

    private SumSplit(Atom major, Dim minor) {
        this.major = major;
        this.minor = minor;
    }

    /** True if the two were matched; false if they have nothing in common. */
    static boolean distribute(Atom sum, List<Atom> factors) {
        Atom major = factors.get(0);
        Dim minor = new Dim(factors.subList(1, factors.size()));
        if (!major.isLeaf() || !allPlainLeaves(sum.parts())) {
            return matchRefined(sum, major, minor);
        }
        new SumSplit(major, minor).cut(sum.parts());
        return true;
    }

    private static boolean allPlainLeaves(List<Dim> parts) {
        for (Dim part : parts) {
            if (part.atoms().size() != 1 || !part.atoms().get(0).isLeaf()) {
                return false;
            }
        }
        return true;
    }

    private static boolean matchRefined(Atom sum, Atom major, Dim minor) {
        int step = minor.size();
        if (!major.isSum() || major.parts().size() != sum.parts().size()) {
            return false;
        }
        for (int i = 0; i < sum.parts().size(); i++) {
            int size = sum.parts().get(i).size();
            if (size % step != 0 || major.parts().get(i).size() * step != size) {
                return false;
            }
        }
        for (int i = 0; i < sum.parts().size(); i++) {
            Axes.equate(sum.parts().get(i), major.parts().get(i).times(minor));
        }
        return true;
    }

    private void cut(List<Dim> parts) {
        int step = minor.size();
        int offset = 0;
        for (Dim part : parts) {
            Atom atom = part.atoms().get(0).find();
            int begin = (offset + step - 1) / step;
            int end = (offset + atom.size()) / step;
            List<Dim> refined = new ArrayList<>();
            if (offset % step != 0) {
                refined.add(cutRows(begin * step - offset, atom.name()));
            }
            Dim whole = grain(end - begin);
            refined.add(whole.times(minor));
            boolean split = refined.size() > 1;
            offset += atom.size();
            if (offset % step != 0) {
                refined.add(cutRows(offset - end * step, atom.name()));
                grain(1);
                split = true;
            }
            if (split) {
                atom.refine(Atom.Kind.SUM, refined);
            } else {
                Axes.equate(Dim.of(atom), whole.times(minor));
            }
        }
        major.refine(Atom.Kind.SUM, pieces);
    }

    private Dim grain(int size) {
        Dim piece = Dim.of(new Atom(size, major.name() + "[" + pieces.size() + "]", major.namePriority()));
        pieces.add(piece);
        return piece;
    }

    private static Dim cutRows(int size, String name) {
        Atom rows = new Atom(size, name + ".cut", 0);
        rows.close("the file cuts inside a grain");
        return Dim.of(rows);
    }
}
