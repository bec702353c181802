package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.VectorSupport;

/**
 * Arithmetic on contiguous runs of fp32 values in slabs: what kernels do to a row. An index beside a slab is the run's
 * first float; {@code n} is its length. Targets may be the very run of an input, but not overlap it otherwise.
 */
public interface RowMath {

    /** The implementation for this JVM: on the Vector API where it is there. */
    static RowMath best() {
        return Holder.BEST;
    }

    /** z = x + y. */
    void add(Slab x, int xi, Slab y, int yi, Slab z, int zi, int n);

    /** z = x · y, by element. */
    void multiply(Slab x, int xi, Slab y, int yi, Slab z, int zi, int n);

    /** z = factor · x. */
    void scale(float factor, Slab x, int xi, Slab z, int zi, int n);

    /** z += factor · x. */
    void addScaled(float factor, Slab x, int xi, Slab z, int zi, int n);

    /** z = x · weight + bias, by element; either array may be null, both start at {@code from}. */
    void affine(float[] weight, float[] bias, int from, Slab x, int xi, Slab z, int zi, int n);

    /** z = weight · (x - mean) · scale + bias, by element; either array may be null, both start at {@code from}. */
    void normalise(
            float mean, float scale, float[] weight, float[] bias, int from, Slab x, int xi, Slab z, int zi, int n);

    /** z = activation(x). */
    void activate(Activation activation, Slab x, int xi, Slab z, int zi, int n);

    /** z = cap · tanh(x / cap). */
    void softCap(float cap, Slab x, int xi, Slab z, int zi, int n);

    /** z = curve(x). */
    void xielu(Xielu curve, Slab x, int xi, Slab z, int zi, int n);

    /** z = x held within [low, high]. */
    void clamp(float low, float high, Slab x, int xi, Slab z, int zi, int n);

    float sum(Slab x, int xi, int n);

    /** Sum of (x - mean)². */
    float squares(float mean, Slab x, int xi, int n);

    /** The largest value; negative infinity for an empty run. */
    float max(Slab x, int xi, int n);

    /** Sum of exp(x - max). */
    float sumExp(float max, Slab x, int xi, int n);

    /** Sum of exp(factor · (x - max)), factor above 0. */
    float sumExp(float max, float factor, Slab x, int xi, int n);

    /** The index, from 0, of the first value above a threshold; n when there is none. */
    int firstAbove(float threshold, Slab x, int xi, int n);

    /** Rounds to bf16; the target's index is in shorts. */
    void toBf16(Slab x, int xi, Slab z, int zi, int n);

    /** Rounds what {@link #toBf16} leaves of x, x minus its bf16 number, to bf16. */
    void restToBf16(Slab x, int xi, Slab z, int zi, int n);

    /** z = x with x in bf16; the source's index is in shorts. */
    void fromBf16(Slab x, int xi, Slab z, int zi, int n);

    /**
     * Rotates pairs half a head apart: with h = {@code half}, z[i] = x[i] cos[i] - x[i + h] sin[i] and z[i + h] = x[i + h]
     * cos[i] + x[i] sin[i] for i below h; the tables start at {@code from}.
     */
    void rotateHalves(float[] cos, float[] sin, int from, Slab x, int xi, Slab z, int zi, int half);

    /** Chooses once; a holder, so that the interface itself does not load vector classes. */
    final class Holder {
        private static final RowMath BEST = VectorSupport.AVAILABLE ? new VectorRowMath() : new ScalarRowMath();

        private Holder() {}
    }
}
