package dev.lockstep.graph;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a stateful node keeps of each token from step to step. Runtime and reports know nothing else of it.
 *
 * @param kind how long a token's entry lives and which rows write it
 * @param key features of the key [kvHeads, width]
 * @param value features of the value [kvHeads, valueWidth]
 * @param window positions that are ever read again, where there is a sliding window
 */
public record CacheSpec(Kind kind, Dim key, Dim value, OptionalInt window) {

    /** How a cache is addressed. */
    public enum Kind {
        /** One entry per token of the sequence, in blocks. */
        PAGED,
        /** One entry per row of the other axis, written when that axis runs. */
        CROSS
    }

    /** The cache of a node, if it has one. */
    public static Optional<CacheSpec> of(Node node) {
        if (!(node.op() instanceof Op.Attention attention) || attention.pattern() == Op.Pattern.BIDIRECTIONAL) {
            return Optional.empty();
        }
        Kind kind = attention.pattern() == Op.Pattern.CROSS ? Kind.CROSS : Kind.PAGED;
        return Optional.of(
                new CacheSpec(kind, node.input(1).dim(), node.input(2).dim(), attention.window()));
    }
}
