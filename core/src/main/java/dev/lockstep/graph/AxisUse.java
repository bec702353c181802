package dev.lockstep.graph;

/**
 * One line of an op's axis signature: what the op does along a dimension.
 *
 * @param why what a report says when this keeps the axis whole
 */
public record AxisUse(Kind kind, Dim dim, String why) {

    /** What an op does along an axis. */
    public enum Kind {
        /** In and out, index by index. */
        IDENTITY,
        /** Of the output only: each index is computed by itself. */
        FREE,
        /** A linear contraction: shares of ranks are summed. */
        SUMMED,
        /** The op needs the whole axis. */
        CLOSED,
        /** The op needs the whole axis but has a form that exchanges statistics. */
        STATISTICS,
        /** A look-up by index: rows that are not held count as zero, and the results are summed. */
        MASKED_LOOKUP
    }

    static AxisUse identity(Dim dim, String why) {
        return new AxisUse(Kind.IDENTITY, dim, why);
    }

    static AxisUse free(Dim dim, String why) {
        return new AxisUse(Kind.FREE, dim, why);
    }

    static AxisUse summed(Dim dim, String why) {
        return new AxisUse(Kind.SUMMED, dim, why);
    }

    static AxisUse closed(Dim dim, String why) {
        return new AxisUse(Kind.CLOSED, dim, why);
    }

    static AxisUse statistics(Dim dim, String why) {
        return new AxisUse(Kind.STATISTICS, dim, why);
    }

    static AxisUse maskedLookup(Dim dim, String why) {
        return new AxisUse(Kind.MASKED_LOOKUP, dim, why);
    }
}
