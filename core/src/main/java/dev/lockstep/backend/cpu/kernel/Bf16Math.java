package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/**
 * Rounds the inputs of {@link Bf16Products} to bf16, to nearest even. An index into a slab is in elements of the slab's
 * format.
 */
interface Bf16Math {

    /** The implementation for this JVM: with the Vector API if it is present. */
    static Bf16Math best() {
        return Holder.BEST;
    }

    /** z = x. */
    void round(float[] x, int xi, Slab z, int zi, int n);

    /** z = factor · x, with x in fp32. */
    void round(Slab x, int xi, float factor, Slab z, int zi, int n);

    /** z = x, with x in the cache's format: integers without their scale, or fp32. */
    void round(Slab x, Form form, int xi, Slab z, int zi, int n);

    /**
     * The same for groups of {@link TileMath#GROUP} numbers.
     *
     * @param xStride elements from the start of a group of x to the next
     * @param zStride elements from the start of a group of z to the next
     */
    void roundGroups(Slab x, Form form, int xi, int xStride, int groups, Slab z, int zi, int zStride);

    /** Chooses once. A holder class, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final Bf16Math BEST =
                VectorSupport.AVAILABLE && Int8Rows.Widths.FIT ? new VectorBf16Math() : new ScalarBf16Math();

        private Holder() {}
    }
}
