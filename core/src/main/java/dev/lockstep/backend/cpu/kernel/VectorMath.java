package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Transcendental functions on vectors, within 2e-6 relative of the exact ones wherever those are above 1e-6.
 * Polynomials are interpolations at Chebyshev nodes. Constants are vectors in fields: broadcasting them in the loops
 * costs the compiler's budget for inlining, and what is beyond it allocates. Masks are avoided for the same reason.
 */
final class VectorMath {

    private static final FloatVector ZERO = broadcast(0f);
    private static final FloatVector HALF = broadcast(0.5f);
    private static final FloatVector MINUS_HALF = broadcast(-0.5f);
    private static final FloatVector ONE = broadcast(1f);
    private static final FloatVector MINUS_ONE = broadcast(-1f);
    private static final FloatVector TWO = broadcast(2f);
    private static final FloatVector MINUS_TWO = broadcast(-2f);
    private static final FloatVector LOG2_E = broadcast(1.44269504f);
    private static final FloatVector MINUS_LN2_HIGH = broadcast(-0.693359375f);
    private static final FloatVector MINUS_LN2_LOW = broadcast(2.12194440e-4f);
    /** Adding 1.5 · 2^23 rounds to an integer, which then stands in the low bits. */
    private static final FloatVector ROUNDER = broadcast(12582912f);

    private static final FloatVector LOWEST = broadcast(-87.3f);
    private static final FloatVector HIGHEST = broadcast(88.7f);
    private static final FloatVector EXP_2 = HALF;
    private static final FloatVector EXP_3 = broadcast(0.1666641541f);
    private static final FloatVector EXP_4 = broadcast(0.04166635277f);
    private static final FloatVector EXP_5 = broadcast(0.008375134775f);
    private static final FloatVector EXP_6 = broadcast(0.00139411189f);
    private static final FloatVector MINUS_1_702 = broadcast(-1.702f);
    /** -2 sqrt(2 / π), and 0.044715 of it: the argument of exp in GELU's logistic form. */
    private static final FloatVector GELU_TANH_LINEAR = broadcast(-1.5957691f);

    private static final FloatVector GELU_TANH_CUBIC = broadcast(-0.071354816f);
    /** erfc(z) / 2 = exp(-z²) t P(t) with t = 1 / (1 + 0.4 z), here of |x| = sqrt(2) z: relative error 2e-7. */
    private static final FloatVector ERFC_T = broadcast(0.28284271f);

    private static final FloatVector ERFC_0 = broadcast(0.1128380505f);
    private static final FloatVector ERFC_1 = broadcast(0.1128289889f);
    private static final FloatVector ERFC_2 = broadcast(0.1040066317f);
    private static final FloatVector ERFC_3 = broadcast(0.083713188f);
    private static final FloatVector ERFC_4 = broadcast(0.07262920895f);
    private static final FloatVector ERFC_5 = broadcast(-0.00649354813f);
    private static final FloatVector ERFC_6 = broadcast(0.0885672106f);
    private static final FloatVector ERFC_7 = broadcast(-0.0937682176f);
    private static final FloatVector ERFC_8 = broadcast(0.02567855429f);
    private static final IntVector MAGNITUDE = IntVector.broadcast(Lanes.INTS, Integer.MAX_VALUE);
    private static final IntVector SIGN = IntVector.broadcast(Lanes.INTS, Integer.MIN_VALUE);

    private VectorMath() {}

    /** exp(x), clamped to the normal range: 1e-38 below -87.3, 3e38 above 88.7. */
    static FloatVector exp(FloatVector x) {
        return expInRange(x.min(HIGHEST).max(LOWEST));
    }

    /** exp(x) for x up to 88.7; 1e-38 below -87.3. */
    static FloatVector expOfNegative(FloatVector x) {
        return expInRange(x.max(LOWEST));
    }

    private static FloatVector expInRange(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, x));
        FloatVector p = r.fma(EXP_6, EXP_5)
                .fma(r, EXP_4)
                .fma(r, EXP_3)
                .fma(r, EXP_2)
                .fma(r, ONE)
                .fma(r, ONE);
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats();
    }

    /** 1 / (1 + exp(-x)). */
    static FloatVector sigmoid(FloatVector x) {
        return ONE.div(exp(x.mul(MINUS_ONE)).add(ONE));
    }

    static FloatVector silu(FloatVector x) {
        return sigmoid(x).mul(x);
    }

    static FloatVector quickGelu(FloatVector x) {
        return ONE.div(exp(x.mul(MINUS_1_702)).add(ONE)).mul(x);
    }

    static FloatVector geluTanh(FloatVector x) {
        FloatVector slope = x.mul(x).fma(GELU_TANH_CUBIC, GELU_TANH_LINEAR);
        return ONE.div(exp(slope.mul(x)).add(ONE)).mul(x);
    }

    /** x Φ(x), by the complementary error function, so that the lower tail keeps its relative accuracy. */
    static FloatVector gelu(FloatVector x) {
        FloatVector magnitude = magnitude(x);
        FloatVector t = ONE.div(magnitude.fma(ERFC_T, ONE));
        FloatVector p = t.fma(ERFC_8, ERFC_7)
                .fma(t, ERFC_6)
                .fma(t, ERFC_5)
                .fma(t, ERFC_4)
                .fma(t, ERFC_3)
                .fma(t, ERFC_2)
                .fma(t, ERFC_1)
                .fma(t, ERFC_0);
        FloatVector tail = expOfNegative(x.mul(x).mul(MINUS_HALF)).mul(p.mul(t));
        // x (1 - tail) above 0 and x tail below.
        return ZERO.max(x).sub(magnitude.mul(tail));
    }

    /** By exp(-2 |x|) - 1, in which nothing cancels. */
    static FloatVector tanh(FloatVector x) {
        FloatVector y = magnitude(x).mul(MINUS_TWO).max(LOWEST);
        FloatVector shifted = y.fma(LOG2_E, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(MINUS_LN2_LOW, n.fma(MINUS_LN2_HIGH, y));
        FloatVector p = r.fma(EXP_6, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, EXP_2);
        p = p.mul(r).fma(r, r);
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        FloatVector scale = ONE.reinterpretAsInts().add(power).reinterpretAsFloats();
        FloatVector minusOne = p.fma(scale, scale.sub(ONE));
        FloatVector result = minusOne.mul(MINUS_ONE).div(minusOne.add(TWO));
        IntVector sign = x.reinterpretAsInts().and(SIGN);
        return result.reinterpretAsInts().or(sign).reinterpretAsFloats();
    }

    private static FloatVector magnitude(FloatVector x) {
        return x.reinterpretAsInts().and(MAGNITUDE).reinterpretAsFloats();
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
