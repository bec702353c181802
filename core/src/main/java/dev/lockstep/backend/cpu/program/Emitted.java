package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.RowAxis;
import java.util.List;

/**
 * An instruction as it was written.
 *
 * @param name for profiles
 * @param touched all operands it reads or writes
 */
record Emitted(Instruction instruction, String name, List<Operand> touched) {

    /** Elements of the weights that every tile reads. */
    long weights() {
        return instruction instanceof RowByRow tiled ? tiled.weights() : 0;
    }

    /** The axis on whose rows alone it works, one by one; null when it does not. */
    RowAxis rowByRow() {
        if (!(instruction instanceof RowByRow)) {
            return null;
        }
        RowAxis rows = touched.get(0).buffer().rows();
        boolean alike =
                touched.stream().allMatch(operand -> operand.buffer().rows().equals(rows));
        return alike && rows.picked() == RowAxis.Picked.ALL ? rows : null;
    }
}
