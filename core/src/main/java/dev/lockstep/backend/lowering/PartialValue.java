package dev.lockstep.backend.lowering;

/**
 * A value on a rank while it is lowered: {@code replicated + allReduce(partial)}.
 *
 * @param replicated what every rank has whole, or its split share; null for nothing
 * @param partial the rank's summand of a sum over ranks; null when the value is complete
 */
record PartialValue(View replicated, View partial) {

    static PartialValue complete(View view) {
        return new PartialValue(view, null);
    }

    static PartialValue summand(View view) {
        return new PartialValue(null, view);
    }
}
