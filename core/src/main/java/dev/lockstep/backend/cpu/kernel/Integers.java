package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/** Numbers to integers of a common scale, and back: what caches and weights of integers do. Indices of integers are in elements. */
public interface Integers {

    /** The implementation for this JVM: on the Vector API where it is there. */
    static Integers best() {
        return Holder.BEST;
    }

    /** The largest magnitude; NaN when a number is. */
    float largest(Slab x, int xi, int n);

    /** The integers nearest to x · factor, ties to even; magnitudes up to 2^21. */
    void round(Slab x, int xi, float factor, int[] z, int zi, int n);

    /**
     * The integers nearest to x · factor, ties to even, stored in a form that holds them.
     *
     * @param zi of the first, in integers of the form
     */
    void narrow(Slab x, int xi, float factor, Slab z, Form form, int zi, int n);

    /** What a cache holds as floats: integers without their scale, or fp32. */
    void widen(Slab x, Form form, int xi, int n, float[] z, int zi);

    /**
     * Groups of {@link TileMath#GROUP} numbers as floats: integers without their scale, or fp32.
     *
     * @param stride numbers from one group to the next
     * @param z receives the groups one after the other from {@code zi} on
     */
    void widenGroups(Slab x, Form form, int xi, int stride, int groups, float[] z, int zi);

    /** Chooses once; a holder, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final Integers BEST =
                VectorSupport.AVAILABLE && Int8Rows.Widths.FIT ? new VectorIntegers() : new ScalarIntegers();

        private Holder() {}
    }
}
