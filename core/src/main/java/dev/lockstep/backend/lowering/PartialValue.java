package dev.lockstep.backend.lowering;

/**
 * A value on one rank during lowering: {@code replicated + allReduce(partial)}.
 *
 * @param replicated the part that every rank holds whole, or this rank's split share; null for none
 * @param partial this rank's summand of an all-reduce that has not run; null if the value is complete
 */
record PartialValue(View replicated, View partial) {

    static PartialValue complete(View view) {
        return new PartialValue(view, null);
    }

    static PartialValue summand(View view) {
        return new PartialValue(null, view);
    }
}
