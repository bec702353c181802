package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.cpu.memory.Lanes;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** {@link CounterNoise} for a vector of tokens: the same operations in the same order, hence the same bits. */
final class VectorNoise {

    // Constants are vectors in fields: broadcasting them in the loops costs the compiler's budget for inlining, and
    // what
    // is beyond it allocates.
    private static final IntVector STEP = ints(CounterNoise.STEP);
    private static final IntVector MIX_1 = ints(CounterNoise.MIX_1);
    private static final IntVector MIX_2 = ints(CounterNoise.MIX_2);
    private static final IntVector ONE_BITS = ints(0x3F800000);
    private static final IntVector SQRT_HALF_BITS = ints(CounterNoise.SQRT_HALF_BITS);
    /** Adding the bits of 1.5 · 2^23 to a small integer gives that number plus it: a conversion without a cast. */
    private static final IntVector ROUNDER_INTS = ints(0x4B400000);

    private static final FloatVector ROUNDER_FLOATS = floats(12582912f);
    private static final FloatVector ONE = floats(1f);
    private static final FloatVector HALF_STEP = floats(0x1p-24f);
    private static final FloatVector MINUS_HALF = floats(-0.5f);
    private static final FloatVector LN2 = floats(CounterNoise.LN2);
    private static final FloatVector P0 = floats(CounterNoise.logCoefficient(0));
    private static final FloatVector P1 = floats(CounterNoise.logCoefficient(1));
    private static final FloatVector P2 = floats(CounterNoise.logCoefficient(2));
    private static final FloatVector P3 = floats(CounterNoise.logCoefficient(3));
    private static final FloatVector P4 = floats(CounterNoise.logCoefficient(4));
    private static final FloatVector P5 = floats(CounterNoise.logCoefficient(5));
    private static final FloatVector P6 = floats(CounterNoise.logCoefficient(6));
    private static final FloatVector P7 = floats(CounterNoise.logCoefficient(7));

    private static final MethodHandle[] UNIFORM = {
        OutOfLine.find(MethodHandles.lookup(), "uniform", long.class, int[].class, int.class, float[].class, int.class)
    };
    private static final MethodHandle[] MINUS_LOG = {
        OutOfLine.find(MethodHandles.lookup(), "minusLog", float[].class, int.class)
    };

    private VectorNoise() {}

    /** target[i] = logits[i] · inverseTemperature + noise of tokens[i], for whole vectors. */
    static void perturb(
            long key, float inverseTemperature, Object logits, int li, int[] tokens, int ti, float[] target, int n) {
        try {
            UNIFORM[0].invokeExact(key, tokens, ti, target, n);
            MINUS_LOG[0].invokeExact(target, n);
            MINUS_LOG[0].invokeExact(target, n);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
        addScaled(inverseTemperature, logits, li, target, n);
    }

    private static void addScaled(float factor, Object logits, int li, float[] target, int n) {
        FloatVector factors = floats(factor);
        for (int i = 0; i < n; i += Lanes.LENGTH) {
            FloatVector noise = FloatVector.fromArray(Lanes.FLOATS, target, i);
            Lanes.load(logits, li + i).mul(factors).add(noise).intoArray(target, i);
        }
    }

    private static void uniform(long key, int[] tokens, int ti, float[] target, int n) {
        IntVector upper = ints((int) (key >>> 32));
        IntVector lower = ints((int) key);
        for (int i = 0; i < n; i += Lanes.LENGTH) {
            uniform(upper, lower, IntVector.fromArray(Lanes.INTS, tokens, ti + i))
                    .intoArray(target, i);
        }
    }

    private static void minusLog(float[] values, int n) {
        for (int i = 0; i < n; i += Lanes.LENGTH) {
            log(FloatVector.fromArray(Lanes.FLOATS, values, i)).neg().intoArray(values, i);
        }
    }

    private static FloatVector uniform(IntVector upper, IntVector lower, IntVector tokens) {
        IntVector h = mix(tokens.mul(STEP).add(upper));
        IntVector bits = mix(h.lanewise(VectorOperators.XOR, lower));
        return bits.lanewise(VectorOperators.LSHR, 9)
                .or(ONE_BITS)
                .reinterpretAsFloats()
                .sub(ONE)
                .add(HALF_STEP);
    }

    private static IntVector mix(IntVector value) {
        IntVector h = value.lanewise(VectorOperators.XOR, value.lanewise(VectorOperators.LSHR, 16));
        h = h.mul(MIX_1);
        h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 15));
        h = h.mul(MIX_2);
        return h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16));
    }

    private static FloatVector log(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
        FloatVector f = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats()
                .sub(ONE);
        FloatVector p = f.fma(P7, P6);
        p = p.fma(f, P5);
        p = p.fma(f, P4);
        p = p.fma(f, P3);
        p = p.fma(f, P2);
        p = p.fma(f, P1);
        p = p.fma(f, P0);
        p = p.fma(f, MINUS_HALF);
        FloatVector exponents = exponent.add(ROUNDER_INTS).reinterpretAsFloats().sub(ROUNDER_FLOATS);
        return exponents.fma(LN2, p.fma(f.mul(f), f));
    }

    private static FloatVector floats(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }

    private static IntVector ints(int value) {
        return IntVector.broadcast(Lanes.INTS, value);
    }
}
