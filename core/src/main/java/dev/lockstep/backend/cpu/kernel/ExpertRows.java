package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * The work of an expert beside its products: gathers its rows, combines its two inner maps, and adds its results to the
 * rows they came from. All matrices are plain. Work is split over rows. One object per rank; it must not be used by
 * several threads at once.
 */
public final class ExpertRows {

    private enum Operation {
        GATHER,
        GATHER_WEIGHED,
        GATE,
        GATE_CLAMPED,
        ADD,
        ADD_WEIGHED
    }

    private final Workers workers;
    private final RowMath math;
    private final Workers.Task task = this::share;
    private Operation operation;
    private Activation activation = Activation.NONE;
    private float limit;
    private float alpha;
    private Matrix source;
    private Matrix target;
    private int[] rows;
    private float[] factors;
    private int first;
    private int count;
    private int width;

    public ExpertRows(Workers workers) {
        this(workers, RowMath.best());
    }

    ExpertRows(Workers workers, RowMath math) {
        this.workers = workers;
        this.math = math;
    }

    /** Row n of the target = the n-th row of the expert, times its weight if {@code weighed}. */
    public void gather(Matrix x, ExpertOrder order, int expert, boolean weighed, Matrix gathered, int columns) {
        take(order, expert);
        run(weighed ? Operation.GATHER_WEIGHED : Operation.GATHER, x, gathered, columns);
    }

    /**
     * function(gate) · up, into the gate's columns.
     *
     * @param gateUp {@code [rowCount, 2 · inner]}: the gate's columns, then up's
     */
    public void gate(Activation function, Matrix gateUp, int rowCount, int inner) {
        activation = function;
        count = rowCount;
        run(Operation.GATE, gateUp, gateUp, inner);
    }

    /**
     * As {@link #gate}: (up + 1) · gate · sigmoid(alpha · gate), the gate clamped from above at the bound, up to within
     * plus and minus it.
     */
    public void gateClamped(double bound, double steepness, Matrix gateUp, int rowCount, int inner) {
        limit = (float) bound;
        alpha = (float) steepness;
        count = rowCount;
        run(Operation.GATE_CLAMPED, gateUp, gateUp, inner);
    }

    /** The n-th row of the expert += row n, times its weight if {@code weighed}. */
    public void add(Matrix products, ExpertOrder order, int expert, boolean weighed, Matrix out, int columns) {
        take(order, expert);
        run(weighed ? Operation.ADD_WEIGHED : Operation.ADD, products, out, columns);
    }

    private void take(ExpertOrder order, int expert) {
        rows = order.rows();
        factors = order.factors();
        first = order.from(expert);
        count = order.count(expert);
    }

    private void run(Operation what, Matrix from, Matrix to, int columns) {
        operation = what;
        source = from;
        target = to;
        width = columns;
        workers.run(task, (long) count * columns);
    }

    private void share(int worker, int all) {
        int to = (int) ((long) count * (worker + 1) / all);
        for (int n = (int) ((long) count * worker / all); n < to; n++) {
            row(n);
        }
    }

    private void row(int n) {
        switch (operation) {
            case GATHER -> target.slab().copy(target.at(n, 0), source.slab(), source.at(rows[first + n], 0), width);
            case GATHER_WEIGHED ->
                math.scale(
                        factors[first + n],
                        source.slab(),
                        source.at(rows[first + n], 0),
                        target.slab(),
                        target.at(n, 0),
                        width);
            case GATE -> joinPlainly(source.at(n, 0));
            case GATE_CLAMPED -> joinClamped(source.at(n, 0));
            default ->
                math.addScaled(
                        operation == Operation.ADD ? 1f : factors[first + n],
                        source.slab(),
                        source.at(n, 0),
                        target.slab(),
                        target.at(rows[first + n], 0),
                        width);
        }
    }

    private void joinPlainly(int gate) {
        math.activate(activation, source.slab(), gate, source.slab(), gate, width);
        math.multiply(source.slab(), gate, source.slab(), gate + width, source.slab(), gate, width);
    }

    private void joinClamped(int gate) {
        int up = gate + width;
        math.clamp(Float.NEGATIVE_INFINITY, limit, source.slab(), gate, source.slab(), gate, width);
        math.clamp(-limit, limit, source.slab(), up, source.slab(), up, width);
        // gate · sigmoid(alpha · gate) = silu(alpha · gate) / alpha
        math.scale(alpha, source.slab(), gate, source.slab(), gate, width);
        math.activate(Activation.SILU, source.slab(), gate, source.slab(), gate, width);
        math.scale(1 / alpha, source.slab(), gate, source.slab(), gate, width);
        math.multiply(source.slab(), gate, source.slab(), up, source.slab(), up, width);
        math.add(source.slab(), gate, source.slab(), up, source.slab(), gate, width);
    }
}
