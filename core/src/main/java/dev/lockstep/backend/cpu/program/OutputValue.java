package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.RowAxis;
import java.util.List;

/**
 * An output of the model as the rank holds it.
 *
 * @param indices the global features that each rank holds, by rank; null if every rank holds all
 */
record OutputValue(String name, RowAxis rows, int width, Operand operand, int[][] indices) {

    /** @throws IllegalArgumentException when there is no output with this name */
    static OutputValue named(String name, List<OutputValue> outputs) {
        for (OutputValue output : outputs) {
            if (output.name().equals(name)) {
                return output;
            }
        }
        throw new IllegalArgumentException("the step yields no " + name + ", it yields "
                + outputs.stream().map(OutputValue::name).toList());
    }
}
