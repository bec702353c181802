package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/**
 * Attention in decode steps: one query of each of several heads, with one block of cached keys and values per head. A
 * block holds one group of {@link TileMath#GROUP} positions, and heads are at equal distances. Sums run in the order of
 * {@link TileMath}, so that a row's result has the same bits whichever of the two computes it. The factors of positions
 * are fp32.
 */
interface HeadMath {

    /** The implementation for this JVM; null if vectors cannot hold a group. */
    static HeadMath best() {
        return Holder.BEST;
    }

    /** Whether values of this width are supported. */
    boolean takes(int valueWidth);

    /**
     * Scores of one query of each of several heads with a group of keys of each, times the keys' factors.
     *
     * @param q each head's query, {@code width} values from 0 on
     * @param heads a multiple of four
     * @param ki first element of the first head's group
     * @param fourStride elements from there to the group of the head four further on
     * @param headStride elements from a head's group to the next head's, of four
     * @param keyStride elements from a group's numbers of one dimension to those of the next
     * @param factors the first head's factors, in floats from the start of the keys' slab; those of the next three
     *     heads follow; negative for none
     * @param fourFactors floats from there to those of the head four further on
     * @param out each head's scores: receives {@code GROUP} of them from {@code oi} on
     */
    void scores(
            Form form,
            float[][] q,
            int heads,
            int width,
            Slab keys,
            int ki,
            int fourStride,
            int headStride,
            int keyStride,
            int factors,
            int fourFactors,
            float[][] out,
            int oi);

    /**
     * Multiplies each head's weights of a block by the factors of its values.
     *
     * @param p each head's weights, {@code GROUP} from {@code pi} on
     * @param factors the first head's, in floats from the start of the slab
     * @param headFactors floats from a head's to the next one's
     */
    void scale(float[][] p, int heads, int pi, Slab values, int factors, int headFactors);

    /**
     * Adds each head's weighted values of a block to its sums: acc[c] += sum over j of p[pi + j] · values[j][c].
     *
     * @param p each head's weights
     * @param positions how many
     * @param vi first element of the first head's first value; values of {@code width} elements follow each other
     * @param headStride elements from a head's values to the next one's
     * @param width one that {@link #takes}
     * @param acc each head's sums, from 0 on
     */
    void accumulate(
            Form form,
            float[][] p,
            int heads,
            int pi,
            int positions,
            Slab values,
            int vi,
            int headStride,
            int width,
            float[][] acc);

    /** Chooses once; a holder, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final HeadMath BEST = VectorSupport.AVAILABLE && Widths.FIT ? new VectorHeadMath() : null;

        private Holder() {}
    }

    /** A class of its own, so that vector classes are loaded only if the JVM has them. */
    final class Widths {
        static final boolean FIT = Lanes.LENGTH == TileMath.GROUP;

        private Widths() {}
    }
}
