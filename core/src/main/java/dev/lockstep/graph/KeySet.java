package dev.lockstep.graph;

import java.util.List;

/**
 * The keys of one axis that an attention looks at.
 *
 * @param reach which of them a query sees
 * @param terms what is added to their scores, in this order
 */
public record KeySet(Reach reach, List<ScoreTerm> terms) {
    /** All keys, nothing added. */
    public static final KeySet ALL = new KeySet(Reach.ALL, List.of());

    public KeySet {
        terms = List.copyOf(terms);
    }

    public KeySet(Reach reach, ScoreTerm... terms) {
        this(reach, List.of(terms));
    }

    /** Whether it matters where on the keys' axis a query stands. */
    public boolean dependsOnPosition() {
        return !(reach instanceof Reach.All)
                || terms.stream()
                        .anyMatch(term -> !(term instanceof ScoreTerm.Content content
                                && content.index() instanceof ScoreTerm.BySameType));
    }

    /** The terms of a kind. */
    public <T extends ScoreTerm> List<T> terms(Class<T> kind) {
        return terms.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
