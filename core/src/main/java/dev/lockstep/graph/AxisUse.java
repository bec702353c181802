package dev.lockstep.graph;

/**
 * One line of an op's axis signature: how the op uses a dimension.
 *
 * @param why the reason shown in reports when this use keeps the axis whole
 */
public record AxisUse(Kind kind, Dim dim, String why) {

    /** How an op uses an axis. */
    public enum Kind {
        /** In input and output; each output index depends on the same input index only. */
        IDENTITY,
        /** In the output only; each index is computed independently. */
        FREE,
        /** A linear contraction: the ranks' partial values are summed. */
        SUMMED,
        /** The op needs the whole axis. */
        CLOSED,
        /** The op needs the whole axis, but has a form in which ranks exchange statistics. */
        STATISTICS,
        /** A look-up by index: rows that a rank does not hold count as zero, and the results are summed. */
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
