package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;

/**
 * Gathers rows of a table of which this rank may hold only a part. Ids that it does not hold give zero rows, so that
 * the sum over ranks is the complete gather. One object per rank; it must not be used by several threads at once.
 */
public final class Embedding {

    private final Workers workers;
    private final Workers.Task task = this::share;
    private RowTable table;
    private int[] ids;
    private int[] held;
    private int first;
    private Matrix target;
    private int rows;

    public Embedding(Workers workers) {
        this.workers = workers;
    }

    /**
     * Row r of the target becomes the table's row of {@code ids[r]}; the table holds the ids from {@code firstId} on.
     *
     * @param y plain target {@code [rowCount, table width]}
     */
    public void gather(RowTable from, int firstId, int[] rowIds, Matrix y, int rowCount) {
        run(from, firstId, null, rowIds, y, rowCount);
    }

    /**
     * As above, for a table whose rows are those of scattered ids.
     *
     * @param heldIds the ids the table holds, ascending, one per row of the table
     */
    public void gather(RowTable from, int[] heldIds, int[] rowIds, Matrix y, int rowCount) {
        run(from, 0, heldIds, rowIds, y, rowCount);
    }

    private void run(RowTable from, int firstId, int[] heldIds, int[] rowIds, Matrix y, int rowCount) {
        if (!y.isPlain(from.width())) {
            throw new IllegalArgumentException("rows of " + from.width() + " floats are gathered into contiguous"
                    + " columns, found runs of " + y.inner());
        }
        table = from;
        first = firstId;
        held = heldIds;
        ids = rowIds;
        target = y;
        rows = rowCount;
        workers.run(task, (long) rowCount * from.width());
    }

    private void share(int worker, int all) {
        int from = (int) ((long) rows * worker / all);
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int r = from; r < to; r++) {
            int row = held == null ? ids[r] - first : Arrays.binarySearch(held, ids[r]);
            if (row >= 0 && row < table.rows()) {
                table.row(row, target.slab(), target.at(r, 0));
            } else {
                target.slab().clear(target.at(r, 0), table.width());
            }
        }
    }
}
