package dev.lockstep.backend.cpu.program;

import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The instructions of one entry point as they are written, with the buffers they use and when. */
final class Emission {
    private final List<Emitted> instructions = new ArrayList<>();
    private final List<Buffer> buffers = new ArrayList<>();
    private final List<Operand> operands = new ArrayList<>();
    private final Set<Buffer> kept = new LinkedHashSet<>();
    private String name = "";

    /** What the instructions from here on are called in profiles. */
    void name(String next) {
        name = next;
    }

    /** A new buffer, as an operand. */
    Operand fresh(RowAxis rows, int width) {
        Buffer buffer = new Buffer(rows, width);
        buffers.add(buffer);
        return remember(Operand.all(buffer));
    }

    /** Notes a view, so that it is placed when its buffer is. */
    Operand remember(Operand operand) {
        operands.add(operand);
        return operand;
    }

    /** Appends an instruction; every operand it reads or writes must be named, absent ones may be null. */
    void emit(Instruction instruction, Operand... touched) {
        List<Operand> all =
                Arrays.stream(touched).filter(operand -> operand != null).toList();
        instructions.add(new Emitted(instruction, name, all));
    }

    /** Keeps an operand's memory until after the last instruction. */
    void keepToEnd(Operand operand) {
        kept.add(operand.buffer());
    }

    /** The operand itself if its columns are contiguous, else a copy that has them so. */
    Operand plain(Operand from) {
        if (from.isPlain()) {
            return from;
        }
        Operand to = fresh(from.buffer().rows(), from.width());
        emit(RowInstructions.copy(from, to), from, to);
        return to;
    }

    /** An operand in which every head's features are contiguous. */
    Operand headRuns(Operand operand, int headWidth) {
        return operand.runsOf(headWidth) ? operand : plain(operand);
    }

    /** Some columns of an operand: a view where one can express them, else a copy. Null stays null. */
    Operand columns(RowAxis rows, Operand from, int[] columns) {
        if (from == null) {
            return null;
        }
        Operand source = plain(from);
        Operand view = source.select(columns);
        if (view != null) {
            return remember(view);
        }
        Operand to = fresh(rows, columns.length);
        emit(RowInstructions.gatherColumns(source, columns, to), source, to);
        return to;
    }

    /** All that was emitted, with rows in tiles where that can be. */
    Lowered finish(List<OutputValue> outputs, TileSize size) {
        return Tiling.of(instructions, buffers, operands, kept, outputs, size);
    }
}
