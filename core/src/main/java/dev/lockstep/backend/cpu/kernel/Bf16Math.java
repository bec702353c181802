package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/**
 * Rounds to bf16, to nearest even, what {@link Bf16Products} multiply. Indices beside a slab are in elements of what it
 * holds.
 */
interface Bf16Math {

    /** The implementation for this JVM: on the Vector API where it is there. */
    static Bf16Math best() {
        return Holder.BEST;
    }

    /** z = x. */
    void round(float[] x, int xi, Slab z, int zi, int n);

    /** z = factor · x, with x in fp32. */
    void round(Slab x, int xi, float factor, Slab z, int zi, int n);

    /** z = x with x as a cache holds it: integers, without their scale, or fp32. */
    void round(Slab x, Form form, int xi, Slab z, int zi, int n);

    /**
     * The same for groups of {@link TileMath#GROUP} numbers.
     *
     * @param xStride elements from one group to the next
     * @param zStride and from one to the next of those that are written
     */
    void roundGroups(Slab x, Form form, int xi, int xStride, int groups, Slab z, int zi, int zStride);

    /** Chooses once; a holder, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final Bf16Math BEST =
                VectorSupport.AVAILABLE && Int8Rows.Widths.FIT ? new VectorBf16Math() : new ScalarBf16Math();

        private Holder() {}
    }
}
