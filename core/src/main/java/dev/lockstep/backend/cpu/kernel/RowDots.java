package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.VectorSupport;

/** Products of one row with others, all in arrays. */
interface RowDots {

    /** The fastest that this JVM can run. */
    static RowDots best() {
        return Holder.BEST;
    }

    /**
     * out[oi + j] = x · row j, for {@code count} rows of {@code width} floats, the first at {@code ri}, {@code stride} floats
     * apart.
     */
    void dots(float[] x, int xi, float[] rows, int ri, int stride, int count, int width, float[] out, int oi);

    /** Chooses once; a holder, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final RowDots BEST = VectorSupport.AVAILABLE ? new VectorRowDots() : new ScalarRowDots();

        private Holder() {}
    }
}
