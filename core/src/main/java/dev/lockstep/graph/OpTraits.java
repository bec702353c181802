package dev.lockstep.graph;

/**
 * Properties that an op declares beside its axis signature.
 *
 * @param rows what an output row depends on
 * @param sums whether a sum over ranks may be deferred past the op
 * @param work what its floating point operations are proportional to
 */
public record OpTraits(Rows rows, Sums sums, Work work) {

    /** What an output row depends on. */
    public enum Rows {
        /** The same row of the inputs only. */
        EACH,
        /** The same row of the inputs, and its token or position in the step. */
        POSITION,
        /** Also other rows of its sequence. */
        SEQUENCE,
        /** A row of the inputs that the step picks. */
        PICKED
    }

    /** Linearity, f(a + b) = f(a) + f(b): which operands may still be one rank's partial value. */
    public enum Sums {
        /** None. */
        NONE,
        /** Any operands, also several at once. */
        LINEAR,
        /** Any operand, but only one at a time. */
        ONE_OPERAND,
        /** The first operand. */
        FIRST_OPERAND
    }

    /** What the floating point operations are proportional to. */
    public enum Work {
        /** Nothing: too few to count. */
        NONE,
        /** Per row: the elements of the first weight. */
        MATRIX,
        /** Per row: the elements of its chosen experts. */
        EXPERTS,
        /** Per row: the keys that it sees. */
        SCORES
    }
}
