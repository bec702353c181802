package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * One product in the expansion of a dimension as a sum of products: the indices
 * {@code base + sum(coordinate[f] * stride[f])}.
 *
 * @param factors major first
 */
public record Monomial(int base, List<Factor> factors) {

    /** An atom and its stride: the distance between the indices of two neighbouring coordinates. */
    public record Factor(Atom atom, int stride) {}

    Monomial scaled(int by) {
        List<Factor> scaled = new ArrayList<>();
        for (Factor factor : factors) {
            scaled.add(new Factor(factor.atom(), factor.stride() * by));
        }
        return new Monomial(base * by, scaled);
    }

    Monomial before(Monomial minor) {
        List<Factor> joined = new ArrayList<>(factors);
        joined.addAll(minor.factors);
        return new Monomial(base + minor.base, joined);
    }
}
