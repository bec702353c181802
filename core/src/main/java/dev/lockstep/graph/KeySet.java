package dev.lockstep.graph;

import java.util.List;

/**
 * The keys of one row axis that an attention reads.
 *
 * @param reach the keys that a query sees
 * @param terms the terms added to their attention scores, in this order
 */
public record KeySet(Reach reach, List<ScoreTerm> terms) {
    /** All keys, no terms. */
    public static final KeySet ALL = new KeySet(Reach.ALL, List.of());

    public KeySet {
        terms = List.copyOf(terms);
    }

    public KeySet(Reach reach, ScoreTerm... terms) {
        this(reach, List.of(terms));
    }

    /** Whether the scores depend on the query's position on the keys' axis. */
    public boolean dependsOnPosition() {
        return !(reach instanceof Reach.All)
                || terms.stream()
                        .anyMatch(term -> !(term instanceof ScoreTerm.Content content
                                && content.index() instanceof ScoreTerm.BySameType));
    }

    /** The terms of this kind. */
    public <T extends ScoreTerm> List<T> terms(Class<T> kind) {
        return terms.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
