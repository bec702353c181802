package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import java.nio.FloatBuffer;
import java.util.Objects;

/**
 * An embedding table held as plain rows in fp32, or in bf16 with the remainders of what the file has more, over as many
 * slabs as it needs.
 */
public final class Table implements RowTable, AutoCloseable {

    private static final int PANEL_FLOATS = 1 << 20;

    private final int rows;
    private final int width;
    private final int rowsPerSlab;
    private final Precision precision;
    private final Slab[] slabs;
    private final Remainders remainders;
    private final RowMath math = RowMath.best();

    /**
     * Reads the table.
     *
     * @param rows rows held by this rank; 0 is legal
     * @param width floats of a row
     */
    public Table(int rows, int width, PanelSource source, Precision precision, Memory memory) {
        this.rows = rows;
        this.width = width;
        this.precision = precision;
        this.rowsPerSlab = Slab.MAX_BYTES / Math.max(1, width * precision.bytes());
        this.slabs = new Slab[rows == 0 ? 0 : (rows - 1) / rowsPerSlab + 1];
        for (int i = 0; i < slabs.length; i++) {
            int held = Math.min(rowsPerSlab, rows - i * rowsPerSlab);
            slabs[i] = memory.allocate((long) held * width * precision.bytes(), "embedding table");
        }
        this.remainders = new Remainders(rows, width, memory);
        fill(precision == Precision.FP32 ? source : remainders.watching(source), memory);
    }

    private void fill(PanelSource source, Memory memory) {
        int step = Math.max(1, PANEL_FLOATS / Math.max(1, width));
        try (Slab panel = memory.floats((long) Math.min(step, rows) * width, "embedding panel")) {
            FloatBuffer floats = panel.bytes().asFloatBuffer();
            for (int from = 0; from < rows; from += step) {
                int to = Math.min(rows, from + step);
                floats.position(0).limit((to - from) * width);
                source.fill(from, to, floats);
                for (int row = from; row < to; row++) {
                    store(panel, (row - from) * width, row);
                }
            }
        }
    }

    private void store(Slab panel, int from, int row) {
        Slab slab = slabs[row / rowsPerSlab];
        int at = row % rowsPerSlab * width;
        if (precision == Precision.FP32) {
            slab.copy(at, panel, from, width);
        } else {
            math.toBf16(panel, from, slab, at, width);
        }
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int width() {
        return width;
    }

    /** Bytes held. */
    public long bytes() {
        return (long) rows * width * precision.bytes() + remainders.bytes();
    }

    @Override
    public void row(int row, Slab target, int offset) {
        Objects.checkIndex(row, rows);
        Slab slab = slabs[row / rowsPerSlab];
        int at = row % rowsPerSlab * width;
        if (precision == Precision.BF16) {
            math.fromBf16(slab, at, target, offset, width);
            remainders.restore(row, target, offset);
        } else {
            target.copy(offset, slab, at, width);
        }
    }

    @Override
    public void close() {
        for (Slab slab : slabs) {
            slab.close();
        }
        remainders.close();
    }
}
