package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import java.nio.FloatBuffer;

/**
 * What rounding a table to bf16 takes off its values, four bits each: enough to restore values stored as fp16 exactly,
 * and others to eleven significant bits. Rows whose values are all bf16 already cost nothing, as long as their whole slab
 * is so.
 *
 * <p>Bit patterns of floats of one sign are ordered like integers, so a remainder is the integer between the pattern of a
 * value and that of its rounding, in units of 2<sup>13</sup>: from -4 to 4, over the borders of powers of two too.
 */
public final class Remainders implements AutoCloseable {

    private static final int UNIT_BITS = 13;
    private static final int NIBBLE_BITS = 4;
    private static final int NIBBLE = (1 << NIBBLE_BITS) - 1;

    private final Memory memory;
    private final int rows;
    private final int width;
    private final int rowBytes;
    private final int rowsPerSlab;
    /** Null where all remainders are zero. */
    private final Slab[] slabs;

    /**
     * No remainders yet; memory is taken when one is kept that is not zero.
     *
     * @param rows rows of the table; 0 is legal
     * @param width values of a row
     */
    public Remainders(int rows, int width, Memory memory) {
        this.memory = memory;
        this.rows = rows;
        this.width = width;
        this.rowBytes = (width + 1) / 2;
        this.rowsPerSlab = Slab.MAX_BYTES / Math.max(1, rowBytes);
        this.slabs = new Slab[rows == 0 ? 0 : (rows - 1) / rowsPerSlab + 1];
    }

    /** The same source, which leaves the remainders of what it fills here. */
    public PanelSource watching(PanelSource source) {
        return (from, to, target) -> {
            int begin = target.position();
            source.fill(from, to, target);
            for (int row = from; row < to; row++) {
                keep(row, target, begin + (row - from) * width);
            }
        };
    }

    private void keep(int row, FloatBuffer values, int from) {
        for (int i = 0; i < width; i++) {
            float value = values.get(from + i);
            int taken = Float.floatToRawIntBits(value) - (Bf16.fromFloat(value) << Short.SIZE);
            int units = (taken + (1 << UNIT_BITS - 1)) >> UNIT_BITS;
            if (units != 0) {
                put(row, i, units);
            }
        }
    }

    private void put(int row, int column, int units) {
        int index = row / rowsPerSlab;
        if (slabs[index] == null) {
            long held = Math.min(rowsPerSlab, rows - index * rowsPerSlab);
            slabs[index] = memory.allocate(held * rowBytes, "remainders of an embedding table");
        }
        int at = at(row, column);
        int other = slabs[index].bytes().get(at) & ~(NIBBLE << shift(column));
        slabs[index].bytes().put(at, (byte) (other | (units & NIBBLE) << shift(column)));
    }

    private int at(int row, int column) {
        return row % rowsPerSlab * rowBytes + column / 2;
    }

    private static int shift(int column) {
        return column % 2 * NIBBLE_BITS;
    }

    /**
     * Gives a row of bf16 values back what rounding took. Safe for several threads at once.
     *
     * @param values where the row lies, from float {@code offset} on
     */
    public void restore(int row, Slab values, int offset) {
        Slab slab = slabs[row / rowsPerSlab];
        if (slab == null) {
            return;
        }
        int start = at(row, 0);
        for (int i = 0; i < width; i++) {
            int unsigned = slab.bytes().get(start + i / 2) >> shift(i) & NIBBLE;
            int units = unsigned << Integer.SIZE - NIBBLE_BITS >> Integer.SIZE - NIBBLE_BITS;
            int rounded = Float.floatToRawIntBits(values.get(offset + i));
            values.set(offset + i, Float.intBitsToFloat(rounded + (units << UNIT_BITS)));
        }
    }

    /** The most bytes that the remainders of a table can take. */
    public static long bytes(long rows, long width) {
        return rows * ((width + 1) / 2);
    }

    /** Bytes held. */
    public long bytes() {
        long sum = 0;
        for (Slab slab : slabs) {
            sum += slab == null ? 0 : slab.byteSize();
        }
        return sum;
    }

    @Override
    public void close() {
        for (Slab slab : slabs) {
            if (slab != null) {
                slab.close();
            }
        }
    }
}
