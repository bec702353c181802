package dev.lockstep.graph;

/**
 * What an op declares of itself beside its axis signature.
 *
 * @param rows what a row of the output depends on
 * @param sums whether a sum over ranks may pass through it
 * @param work what its floating point operations follow from
 */
public record OpTraits(Rows rows, Sums sums, Work work) {

    /** What a row of the output depends on. */
    public enum Rows {
        /** The same row of the inputs alone. */
        EACH,
        /** The same row of the inputs and what the step says of it: its token, its position. */
        POSITION,
        /** Other rows of its sequence too. */
        SEQUENCE,
        /** A row of the inputs that the step picks. */
        PICKED
    }

    /** f(a + b) = f(a) + f(b): which operands may still be one rank's summand of a sum. */
    public enum Sums {
        /** None. */
        NONE,
        /** Any, several at once. */
        LINEAR,
        /** Any, but only one. */
        ONE_OPERAND,
        /** The first. */
        FIRST_OPERAND
    }

    /** What floating point operations follow from. */
    public enum Work {
        /** Too few to count. */
        NONE,
        /** Each row by the elements of the first weight. */
        MATRIX,
        /** Each row by the elements of the experts that it chooses. */
        EXPERTS,
        /** Each row by the keys that it sees. */
        SCORES
    }
}
