package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A dimension: a list of factors, major to minor. The list is immutable, but its atoms are refined as the graph grows.
 */
public record Dim(List<Atom> atoms) {

    public Dim {
        atoms = List.copyOf(atoms);
    }

    public static Dim of(Atom... atoms) {
        return new Dim(List.of(atoms));
    }

    /** A new axis, shared with no other dimension. */
    public static Dim fresh(int size, String name) {
        return of(new Atom(size, name, 0));
    }

    public int size() {
        int product = 1;
        for (Atom atom : atoms) {
            product = Math.multiplyExact(product, atom.size());
        }
        return product;
    }

    /** The factors as representatives: products opened, sums kept, factors of size one dropped. */
    public List<Atom> factors() {
        List<Atom> found = new ArrayList<>();
        collectFactors(found);
        return found;
    }

    private void collectFactors(List<Atom> found) {
        for (Atom atom : atoms) {
            Atom representative = atom.find();
            if (representative.isProduct()) {
                representative.parts().get(0).collectFactors(found);
            } else if (representative.size() != 1) {
                found.add(representative);
            }
        }
    }

    /** The leaves below the dimension, sums opened too. */
    public List<Atom> leaves() {
        List<Atom> found = new ArrayList<>();
        for (Atom factor : factors()) {
            if (factor.isSum()) {
                for (Dim part : factor.parts()) {
                    found.addAll(part.leaves());
                }
            } else {
                found.add(factor);
            }
        }
        return found;
    }

    /** Closes the axes of this dimension, so that none can be split; {@code why} is the reason. */
    public void close(String why) {
        for (Atom leaf : leaves()) {
            leaf.close(why);
        }
    }

    /** This dimension times another one, whose factors become the minor ones. */
    public Dim times(Dim minor) {
        List<Atom> joined = new ArrayList<>(atoms);
        joined.addAll(minor.atoms);
        return new Dim(joined);
    }

    /**
     * The dimension as a sum of products of atoms with strides: index = base + sum of coordinate * stride.
     *
     * @param whole sums that are not opened
     */
    public List<Monomial> monomials(Set<Atom> whole) {
        List<Monomial> found = List.of(new Monomial(0, List.of()));
        int stride = 1;
        List<Atom> factors = factors();
        for (int i = factors.size() - 1; i >= 0; i--) {
            Atom factor = factors.get(i);
            List<Monomial> terms = new ArrayList<>();
            if (factor.isSum() && !whole.contains(factor)) {
                int offset = 0;
                for (Dim part : factor.parts()) {
                    for (Monomial inner : part.monomials(whole)) {
                        terms.add(new Monomial(offset + inner.base(), inner.factors()));
                    }
                    offset += part.size();
                }
            } else {
                terms.add(new Monomial(0, List.of(new Monomial.Factor(factor, 1))));
            }
            List<Monomial> next = new ArrayList<>();
            for (Monomial minor : found) {
                for (Monomial term : terms) {
                    next.add(term.scaled(stride).before(minor));
                }
            }
            found = next;
            stride *= factor.size();
        }
        return found;
    }

    @Override
    public String toString() {
        return atoms.toString();
    }
}
