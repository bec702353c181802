package dev.lockstep.backend.lowering;

import dev.lockstep.backend.AxisRows;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.StepInput;
import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows of every axis in one step: their number, each sequence's offset, and the base rows they stand for. Derived
 * from the step only, so all ranks compute the same. Must not be used by other threads while {@link #begin} runs.
 */
public final class StepAxes {
    private final Map<RowAxis, int[]> blockOffsets = new LinkedHashMap<>();
    private final Map<RowAxis, int[]> positions = new LinkedHashMap<>();
    /** Those whose rows every step counts anew: an array, so that a step allocates nothing. */
    private final RowAxis[] derived;

    private final Map<EntryPoint, List<RowAxis>> carried = new EnumMap<>(EntryPoint.class);
    private StepInput input;
    /** The first axis of the step's entry point. */
    private RowAxis first;

    private int longest;

    /** The axes of a program's buffers. */
    public StepAxes(LoweredProgram program, Limits limits) {
        for (LoweredEntry entry : program.entries()) {
            carried.put(entry.entry(), entry.axes());
            for (Buffer buffer : entry.buffers()) {
                if (buffer.rows() != null) {
                    add(buffer.rows(), limits);
                }
            }
        }
        this.derived = derived();
    }

    private RowAxis[] derived() {
        List<RowAxis> axes = new ArrayList<>(blockOffsets.keySet());
        axes.addAll(positions.keySet());
        return axes.toArray(RowAxis[]::new);
    }

    private void add(RowAxis axis, Limits limits) {
        if (axis.base() != null) {
            add(axis.base(), limits);
        }
        switch (axis.kind()) {
            case BLOCKS -> blockOffsets.computeIfAbsent(axis, any -> new int[limits.maxSequences() + 1]);
            case DISTANCES -> positions.computeIfAbsent(axis, any -> new int[2 * limits.maxTokens()]);
            case FIXED -> positions.computeIfAbsent(axis, any -> ascending(axis.size()));
            case CARRIED, OUTPUTS, FIRST -> {}
        }
    }

    private static int[] ascending(int count) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = i;
        }
        return numbers;
    }

    /** Computes the axes of the next step. */
    public void begin(StepInput next) {
        input = next;
        first = carried.get(next.entry).get(0);
        longest = 0;
        for (int s = 0; s < next.sequences; s++) {
            longest = Math.max(longest, next.queryOffsets[s + 1] - next.queryOffsets[s]);
        }
        // A base comes before the axes derived from it.
        for (RowAxis axis : derived) {
            if (axis.entry() == next.entry && axis.kind() == RowAxis.Kind.BLOCKS) {
                cut(axis, blockOffsets.get(axis));
            } else if (axis.kind() == RowAxis.Kind.DISTANCES) {
                number(positions.get(axis));
            }
        }
    }

    private void number(int[] distances) {
        for (int row = 0; row < 2 * longest - 1; row++) {
            distances[row] = row - (longest - 1);
        }
    }

    private void cut(RowAxis axis, int[] offsets) {
        int[] base = offsets(axis.base());
        for (int s = 0; s < input.sequences; s++) {
            offsets[s + 1] = offsets[s] + axis.blocks().count(base[s + 1] - base[s]);
        }
    }

    private boolean isFirst(RowAxis axis) {
        return axis == first || axis.equals(first);
    }

    private AxisRows further(RowAxis axis) {
        int number = carried.get(input.entry).indexOf(axis);
        if (number < 1) {
            throw new IllegalArgumentException(
                    "a step of " + input.entry + " carries no rows " + axis + ", it has " + carried.get(input.entry));
        }
        return input.further[number - 1];
    }

    public StepInput input() {
        return input;
    }

    /** The number of the step's rows along an axis. */
    public int count(RowAxis axis) {
        return switch (axis.kind()) {
            case CARRIED -> isFirst(axis) ? input.tokens : further(axis).rows;
            case OUTPUTS -> picksAll() ? count(axis.base()) : input.outputRows;
            case FIRST -> input.sequences;
            case BLOCKS -> blockOffsets.get(axis)[input.sequences];
            case DISTANCES -> Math.max(0, 2 * longest - 1);
            case FIXED -> axis.size();
        };
    }

    /** Index of each sequence's first row, [sequences + 1]; for axes that a step carries and axes of blocks. */
    public int[] offsets(RowAxis axis) {
        return switch (axis.kind()) {
            case CARRIED -> isFirst(axis) ? input.queryOffsets : further(axis).offsets;
            case BLOCKS -> blockOffsets.get(axis);
            case OUTPUTS, FIRST, DISTANCES, FIXED ->
                throw new IllegalArgumentException("rows " + axis + " have no offsets by sequence");
        };
    }

    /** The row of its base that a row of a picked axis stands for. */
    public int source(RowAxis axis, int row) {
        return switch (axis.kind()) {
            case OUTPUTS -> picksAll() ? row : input.outputRowIndex[row];
            case FIRST -> offsets(axis.base())[row];
            case CARRIED, BLOCKS, DISTANCES, FIXED -> row;
        };
    }

    /** The indices that a look-up reads, one for each row of the axis. */
    public int[] indices(Op.IndexSource source, RowAxis axis) {
        int[] own = positions.get(axis);
        if (own != null && source == Op.IndexSource.POSITIONS) {
            return own;
        }
        return isFirst(axis.root())
                ? input.indices(source)
                : further(axis.root()).indices(source);
    }

    /** The row index of a distance between two rows. */
    public int distanceRow(int distance) {
        return Math.max(0, Math.min(distance + longest - 1, 2 * longest - 2));
    }

    /**
     * The token type of a row, for an axis that a step carries or an axis of blocks; for a block, that of its first
     * row.
     */
    public int tokenType(RowAxis axis, int sequence, int index) {
        RowAxis at = axis;
        int row = index;
        while (at.kind() == RowAxis.Kind.BLOCKS) {
            int[] base = offsets(at.base());
            row = at.blocks().first(row, base[sequence + 1] - base[sequence]);
            at = at.base();
        }
        return indices(Op.IndexSource.TOKEN_TYPES, at)[offsets(at)[sequence] + row];
    }

    /**
     * {@link RowAxis#indexOn} for a row of a sequence.
     *
     * @param index of the row among its sequence's
     */
    public int indexOn(RowAxis from, RowAxis to, int sequence, int index) {
        if (from.equals(to)) {
            return index;
        }
        RowAxis longer = from.kind() == RowAxis.Kind.BLOCKS && from.base().equals(to) ? to : from;
        int[] offsets = offsets(longer);
        return from.indexOn(to, index, offsets[sequence + 1] - offsets[sequence]);
    }

    /** Whether an encoder's whole outputs are requested without naming rows. */
    private boolean picksAll() {
        return input.fullOutputs && input.entry == EntryPoint.ENCODE && input.outputRows == 0;
    }
}
