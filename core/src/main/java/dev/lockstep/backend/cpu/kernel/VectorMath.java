package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Transcendental functions on vectors, within 1e-6 relative of the exact ones over the whole range. Polynomials are
 * interpolations at Chebyshev nodes.
 */
final class VectorMath {

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /** Adding 1.5 · 2^23 rounds to an integer, which then stands in the low bits. */
    private static final float ROUNDER = 12582912f;

    private static final float SQRT_HALF = 0.70710678f;
    /** Times -1.702, -2 sqrt(2 / π) and its 0.044715: the arguments of exp in the logistic forms. */
    private static final float GELU_TANH_LINEAR = -1.5957691f;

    private static final float GELU_TANH_CUBIC = -0.071354816f;

    private VectorMath() {}

    /** exp(x), clamped to the normal range: 1e-38 below -87.3, 3e38 above 88.7. */
    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.min(88.7f).max(-87.3f);
        return expInRange(clamped);
    }

    /** exp(x) for x in [-87.3, 88.7]. */
    static FloatVector expInRange(FloatVector x) {
        FloatVector shifted = x.fma(broadcast(LOG2_E), broadcast(ROUNDER));
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(-LN2_HIGH), x);
        r = n.fma(broadcast(-LN2_LOW), r);
        FloatVector p = r.fma(broadcast(0.00139411189f), broadcast(0.008375134775f));
        p = p.fma(r, broadcast(0.04166635277f));
        p = p.fma(r, broadcast(0.1666641541f));
        p = p.fma(r, broadcast(0.5f));
        p = p.fma(r, broadcast(1f));
        p = p.fma(r, broadcast(1f));
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats();
    }

    /** 1 / (1 + exp(minusX)). */
    static FloatVector logistic(FloatVector minusX) {
        return broadcast(1f).div(exp(minusX).add(1f));
    }

    static FloatVector silu(FloatVector x) {
        return x.div(exp(x.neg()).add(1f));
    }

    static FloatVector quickGelu(FloatVector x) {
        return x.div(exp(x.mul(-1.702f)).add(1f));
    }

    static FloatVector geluTanh(FloatVector x) {
        FloatVector cubic = x.mul(x).fma(broadcast(GELU_TANH_CUBIC), broadcast(GELU_TANH_LINEAR));
        return x.div(exp(cubic.mul(x)).add(1f));
    }

    /** x Φ(x), by the complementary error function, so that the lower tail keeps its relative accuracy. */
    static FloatVector gelu(FloatVector x) {
        FloatVector z = x.abs().mul(SQRT_HALF);
        FloatVector t = broadcast(1f).div(z.fma(broadcast(ScalarMath.ERFC_P), broadcast(1f)));
        FloatVector p = t.fma(broadcast(-0.04312483952f), broadcast(0.1986476866f));
        p = p.fma(t, broadcast(-0.3159406948f));
        p = p.fma(t, broadcast(0.1585692402f));
        p = p.fma(t, broadcast(-0.03244468638f));
        p = p.fma(t, broadcast(0.12374105f));
        p = p.fma(t, broadcast(0.1744181337f));
        p = p.fma(t, broadcast(0.2283709421f));
        p = p.fma(t, broadcast(0.2538777239f));
        p = p.fma(t, broadcast(0.2538854151f));
        FloatVector half = x.mul(x).mul(-0.5f);
        // What rounding x² lost, times exp: the exponent reaches -87, where half an ulp of it is 4e-6.
        FloatVector lost = x.fma(x.mul(-0.5f), half.neg());
        FloatVector tail = exp(half).mul(0.5f).mul(t).mul(p);
        tail = tail.fma(lost, tail);
        VectorMask<Float> negative = x.compare(VectorOperators.LT, 0f);
        return x.mul(broadcast(1f).sub(tail).blend(tail, negative));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector square = x.mul(x);
        FloatVector p = square.fma(broadcast(-0.006942934885f), broadcast(0.02147067915f));
        p = p.fma(square, broadcast(-0.05393346842f));
        p = p.fma(square, broadcast(0.1333322577f));
        p = p.fma(square, broadcast(-0.333333328f));
        FloatVector small = p.mul(square).fma(x, x);
        FloatVector e = exp(x.abs().mul(-2f));
        FloatVector large = broadcast(1f).sub(e).div(e.add(1f));
        FloatVector signed = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
        return signed.blend(small, x.abs().compare(VectorOperators.LT, 0.5f));
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
