package dev.lockstep.backend.cpu.program;

import java.util.List;

/**
 * One entry point as instructions, with the buffers and operands they use.
 *
 * @param names of the instructions, for profiles
 */
record Lowered(
        List<Instruction> instructions,
        List<String> names,
        List<Buffer> buffers,
        List<Operand> operands,
        List<OutputValue> outputs) {}
