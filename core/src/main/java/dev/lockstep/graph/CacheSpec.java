package dev.lockstep.graph;

import java.util.Optional;

/**
 * The cache of a stateful node: what it keeps from step to step. Runtime and reports know nothing else about it.
 *
 * @param kind how long an entry lives and which rows write it
 * @param key features of the key [kvHeads, width], or of the row that is kept
 * @param value features of the value [kvHeads, valueWidth]; without factors and of size 0 if nothing is kept beside the
 *     key
 * @param reach the positions that later steps may still read
 */
public record CacheSpec(Kind kind, Dim key, Dim value, Reach reach) {

    /** How a cache is addressed. */
    public enum Kind {
        /**
         * One entry per token of the sequence, in blocks, kept as long as the reach includes it: {@link CacheGroups}.
         */
        PAGED,
        /** One entry per row of the other axis, written when that axis runs. */
        CROSS,
        /** The last row of the sequence: one entry per block, that of the last row written to it. */
        LAST_ROW
    }

    private static final Dim NOTHING = Dim.fresh(0, "nothing");

    /** The cache of a node, if it has one. */
    public static Optional<CacheSpec> of(Node node) {
        if (node.op() instanceof Op.Previous) {
            return Optional.of(new CacheSpec(Kind.LAST_ROW, node.input(0).dim(), NOTHING, Reach.ALL));
        }
        if (!(node.op() instanceof Op.Attention attention) || attention.pattern() == Op.Pattern.BIDIRECTIONAL) {
            return Optional.empty();
        }
        Kind kind = attention.pattern() == Op.Pattern.CROSS ? Kind.CROSS : Kind.PAGED;
        Dim value = attention.valuesInKeys() ? NOTHING : node.input(2).dim();
        return Optional.of(new CacheSpec(kind, node.input(1).dim(), value, attention.reach()));
    }
}
