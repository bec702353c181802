package dev.lockstep.backend.cpu.program;

/**
 * A value on this rank: the whole part, which every rank has or which is its split share, plus a share of a sum over
 * ranks. Either may be absent; the value is {@code whole + allReduce(sum)}.
 */
record Slot(Operand whole, Operand sum) {

    static Slot whole(Operand operand) {
        return new Slot(operand, null);
    }

    static Slot sum(Operand operand) {
        return new Slot(null, operand);
    }
}
