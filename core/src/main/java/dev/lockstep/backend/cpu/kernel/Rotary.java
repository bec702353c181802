package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;

/**
 * Rotary positions (Su et al., arXiv 2104.09864): turns pairs of some dimensions of each head, mostly the leading ones, by the angles of
 * the row's position and copies the rest. One object per rank; not for several threads at once.
 */
public final class Rotary {

    /** Which dimensions of a head form a pair. */
    public enum Pairing {
        /** i and i + rotated / 2, as in Llama and GPT-NeoX. */
        HALVES,
        /** 2 i and 2 i + 1, as in GPT-J. */
        INTERLEAVED
    }

    private final Workers workers;
    private final RowMath math = RowMath.best();
    private final Workers.Task task = this::share;
    private float[] cos;
    private float[] sin;
    private Pairing pairing = Pairing.HALVES;
    private Matrix x;
    private Matrix y;
    private int[] entries;
    private int entryAt;
    private int rows;
    private int heads;
    private int headWidth;
    private int first;
    private int rotated;

    public Rotary(Workers workers) {
        this.workers = workers;
    }

    /**
     * Sets the tables for the calls that follow.
     *
     * @param cosTable {@code [entries, rotatedWidth / 2]}
     * @param sinTable the same shape
     * @param rotatedWidth leading dimensions of each head that turn; even
     */
    public Rotary tables(float[] cosTable, float[] sinTable, int rotatedWidth, Pairing newPairing) {
        return tables(cosTable, sinTable, 0, rotatedWidth, newPairing);
    }

    /** As above, for dimensions of each head from {@code firstTurned} on. */
    public Rotary tables(float[] cosTable, float[] sinTable, int firstTurned, int rotatedWidth, Pairing newPairing) {
        if (rotatedWidth % 2 != 0) {
            throw new IllegalArgumentException("rotary pairs need an even width, found " + rotatedWidth);
        }
        cos = cosTable;
        sin = sinTable;
        first = firstTurned;
        rotated = rotatedWidth;
        pairing = newPairing;
        return this;
    }

    /**
     * target = source turned, {@code [rowCount, headCount * width]}; they may be the same matrix. Each head must be
     * contiguous.
     *
     * @param entryOfRow the table entry of each row
     */
    public void rotate(Matrix source, Matrix target, int rowCount, int[] entryOfRow, int headCount, int width) {
        rotate(source, target, rowCount, entryOfRow, 0, headCount, width);
    }

    /**
     * As above, for some rows of a step.
     *
     * @param firstEntry which of the entries is that of row 0
     */
    public void rotate(
            Matrix source, Matrix target, int rowCount, int[] entryOfRow, int firstEntry, int headCount, int width) {
        Norms.checkContiguous(source, headCount, width);
        Norms.checkContiguous(target, headCount, width);
        x = source;
        y = target;
        entries = entryOfRow;
        entryAt = firstEntry;
        rows = rowCount;
        heads = headCount;
        headWidth = width;
        workers.run(task, (long) rowCount * headCount * width);
    }

    private void share(int worker, int all) {
        int from = (int) ((long) rows * worker / all);
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = from; row < to; row++) {
            int angles = entries[entryAt + row] * (rotated / 2);
            for (int head = 0; head < heads; head++) {
                int xi = x.at(row, head * headWidth);
                int yi = y.at(row, head * headWidth);
                turn(angles, x.slab(), xi + first, y.slab(), yi + first);
                if (rotated < headWidth && (x.slab() != y.slab() || xi != yi)) {
                    int end = first + rotated;
                    y.slab().copy(yi, x.slab(), xi, first);
                    y.slab().copy(yi + end, x.slab(), xi + end, headWidth - end);
                }
            }
        }
    }

    private void turn(int angles, Slab xs, int xi, Slab ys, int yi) {
        int half = rotated / 2;
        if (pairing == Pairing.HALVES) {
            math.rotateHalves(cos, sin, angles, xs, xi, ys, yi, half);
            return;
        }
        for (int i = 0; i < half; i++) {
            float first = xs.get(xi + 2 * i);
            float second = xs.get(xi + 2 * i + 1);
            float c = cos[angles + i];
            float s = sin[angles + i];
            ys.set(yi + 2 * i, first * c - second * s);
            ys.set(yi + 2 * i + 1, second * c + first * s);
        }
    }
}
