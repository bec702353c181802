package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.StepAxes;
import dev.lockstep.collective.Mesh;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RowAxis;

/** The state of the current step that instructions need, and the tools they use. */
final class StepState {
    private final Workers workers;
    private final Kernels kernels;
    private final Mesh mesh;
    private final StepAxes axes;
    private final int capacity;
    private int[] shifted = new int[0];
    /** One state per worker for its tiles; empty in such a state itself. */
    private final StepState[] tiles;
    /** The worker whose tiles this state is for; -1 for whole steps. */
    private final int worker;

    private int firstRow;
    private int tileRows;
    private int[] promptRows = new int[0];
    private StepInput input;
    private boolean probing;
    private boolean spoiled;
    private long number;

    /** @param capacity rows for which values have memory, along an axis that is not picked */
    StepState(Workers workers, Mesh mesh, StepAxes axes, int capacity) {
        this.workers = workers;
        this.kernels = Kernels.on(workers);
        this.mesh = mesh;
        this.axes = axes;
        this.capacity = capacity;
        this.worker = -1;
        this.tiles = new StepState[workers.threads()];
        for (int i = 0; i < tiles.length; i++) {
            tiles[i] = new StepState(i, axes);
        }
    }

    /** A state for the tiles of one worker, used by that worker only. */
    private StepState(int worker, StepAxes axes) {
        this.workers = new Workers(1);
        this.kernels = Kernels.on(workers);
        this.mesh = null;
        this.axes = axes;
        this.capacity = 0;
        this.worker = worker;
        this.tiles = new StepState[0];
    }

    /** This step as seen by an instruction that one worker runs on some rows, starting at this one. */
    StepState tile(int number, int first, int rows) {
        StepState tile = tiles[number];
        tile.firstRow = first;
        tile.tileRows = rows;
        tile.input = input;
        return tile;
    }

    /** The step's row at which the rows of this state start. */
    int firstRow() {
        return firstRow;
    }

    /**
     * The number of {@link #rows} that are valid, along an axis that is not picked; a tile may have others after them.
     */
    int filledRows(RowAxis axis) {
        return Math.min(rows(axis), axes.count(axis) - firstRow);
    }

    /** The worker that runs a tile; -1 for a whole step. */
    int worker() {
        return worker;
    }

    /** The operand's rows in this step, or in this tile of it. */
    Matrix matrix(Operand operand) {
        return worker < 0 ? operand.matrix() : operand.tile(worker);
    }

    /** Starts a step that is run only to find the memory it takes; its values are meaningless. */
    void beginProbe(StepInput next) {
        begin(next);
        probing = true;
    }

    void begin(StepInput next) {
        probing = false;
        spoiled = false;
        input = next;
        axes.begin(next);
        number++;
        if (promptRows.length < next.promptLengths.length) {
            promptRows = new int[next.promptLengths.length];
        }
        for (int s = 0; s < next.sequences; s++) {
            int before = next.keyLengths[s] - (next.queryOffsets[s + 1] - next.queryOffsets[s]);
            promptRows[s] = before < next.promptLengths[s] ? next.promptLengths[s] : 0;
        }
    }

    /**
     * Per sequence: the rows of the prompt in which its rows begin, run already or not; 0 if they come after the
     * prompt.
     */
    int[] promptRows() {
        return promptRows;
    }

    /** Records that an instruction was skipped: this rank's values are meaningless until the next step begins. */
    void spoil() {
        spoiled = true;
    }

    boolean spoiled() {
        return spoiled;
    }

    boolean probing() {
        return probing;
    }

    /** The number of steps begun so far, used as a key of per-step preparations. */
    long number() {
        return number;
    }

    StepInput input() {
        return input;
    }

    Workers workers() {
        return workers;
    }

    Kernels kernels() {
        return kernels;
    }

    Mesh mesh() {
        return mesh;
    }

    /** Rows for which values of whole steps have memory, along an axis that is not picked. */
    int capacity() {
        return capacity;
    }

    /** Rows of this step, or of this tile, along an axis. */
    int rows(RowAxis axis) {
        if (worker >= 0) {
            return tileRows;
        }
        return axes.count(axis);
    }

    /** The row of the whole axis that a picked row stands for. */
    int sourceRow(RowAxis axis, int row) {
        return axes.source(axis, row);
    }

    /** The rows of every axis in this step. */
    StepAxes axes() {
        return axes;
    }

    /** The indices that a look-up along an axis reads in this step. */
    int[] indices(Op.Lookup lookup, RowAxis axis) {
        int[] ids = axes.indices(lookup.index(), axis);
        if (lookup.offset() == 0) {
            return ids;
        }
        int count = axes.count(axis);
        if (shifted.length < count) {
            shifted = new int[Math.max(count, capacity)];
        }
        for (int row = 0; row < count; row++) {
            shifted[row] = ids[row] + lookup.offset();
        }
        return shifted;
    }
}
