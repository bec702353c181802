package dev.lockstep.backend.cpu.gemm;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.nio.FloatBuffer;

/** Divides the output columns of a weight into panels, and reads its rows a panel at a time. */
final class Panels {

    /** Panel widths are multiples of this, a register tile, if the weight is wide enough. */
    private static final int TILE = 64;

    private static final int SMALL_TILE = 16;
    /** The least panels per thread, if that leaves panels a few tiles wide. */
    private static final int PANELS = 4;

    /** Below this many columns, more panels slow products down more than waiting for a late worker does. */
    private static final int LEAST_WIDTH = 128;

    private static final int STAGING_FLOATS = 1 << 23;

    private Panels() {}

    /** Receives rows of a weight in fp32. */
    @FunctionalInterface
    interface Sink {

        /** Rows {@code [from, to)} are row-major in the slab. */
        void accept(int from, int to, Slab rows);
    }

    /**
     * First output column of each panel, and the end. Every thread gets the same number of panels, as even as whole
     * register tiles allow. A panel in fp32 fits the staging memory.
     */
    static int[] plan(int outputs, int inputs, int threads) {
        return plan(outputs, inputs, threads, STAGING_FLOATS);
    }

    /**
     * As above.
     *
     * @param elements the most elements of a panel, unless it is a single tile
     */
    static int[] plan(int outputs, int inputs, int threads, int elements) {
        int tile = outputs >= 2 * TILE * threads ? TILE : SMALL_TILE;
        int largest = Math.max(tile, elements / inputs / tile * tile);
        int wanted = Math.max(LEAST_WIDTH, outputs / (threads * PANELS) / TILE * TILE);
        largest = outputs >= LEAST_WIDTH * threads ? Math.min(largest, wanted) : largest;
        int perThread = (outputs + threads * largest - 1) / (threads * largest);
        int tiles = (outputs + tile - 1) / tile;
        int parts = Math.min(tiles, threads * perThread);
        int[] starts = new int[parts + 1];
        for (int i = 0; i <= parts; i++) {
            starts[i] = Math.min(outputs, (int) ((long) tiles * i / parts) * tile);
        }
        return starts;
    }

    /**
     * Checks that a weight packed for this many threads can multiply.
     *
     * @throws IllegalArgumentException naming what does not fit
     */
    static void check(Workers workers, int threads, Matrix source, int inputs, Matrix target, int outputs) {
        if (workers.threads() != threads || !source.isPlain(inputs) || !target.isPlain(outputs)) {
            throw new IllegalArgumentException("a weight packed for " + threads + " threads multiplies plain matrices"
                    + " on such a pool, found " + workers.threads() + " threads, runs of " + source.inner()
                    + " inputs and of " + target.inner() + " outputs");
        }
    }

    /** Reads rows {@code [from, to)} in runs that fit the staging memory and are multiples of {@code unit}. */
    static void read(PanelSource source, int from, int to, int inputs, int unit, Memory memory, Sink sink) {
        int step = Math.max(unit, STAGING_FLOATS / inputs / unit * unit);
        try (Slab staging = memory.floats((long) Math.min(step, to - from) * inputs, "weight panel")) {
            FloatBuffer floats = staging.bytes().asFloatBuffer();
            for (int start = from; start < to; start += step) {
                int end = Math.min(to, start + step);
                floats.position(0).limit((end - start) * inputs);
                source.fill(start, end, floats);
                sink.accept(start, end, staging);
            }
        }
    }
}
