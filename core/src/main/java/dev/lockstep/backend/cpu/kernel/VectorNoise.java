package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** {@link CounterNoise} for a vector of tokens: the same operations in the same order, hence the same bits. */
final class VectorNoise {

    /** Adding 1.5 · 2^23's bits to a small integer gives that number plus it: a conversion Java 17 lacks fast. */
    private static final int ROUNDER_BITS = 0x4B400000;

    private static final float ROUNDER = 12582912f;

    private VectorNoise() {}

    /** target[i] = logits[i] · inverseTemperature + noise of tokens[i], for whole vectors. */
    static void perturb(
            long key, float inverseTemperature, Object logits, int li, int[] tokens, int ti, float[] target, int n) {
        for (int i = 0; i < n; i += Lanes.LENGTH) {
            FloatVector noise = gumbel(key, IntVector.fromArray(Lanes.INTS, tokens, ti + i));
            Lanes.load(logits, li + i).mul(inverseTemperature).add(noise).intoArray(target, i);
        }
    }

    private static FloatVector gumbel(long key, IntVector tokens) {
        IntVector h = mix(tokens.mul(CounterNoise.STEP).add((int) (key >>> 32)));
        IntVector bits = mix(h.lanewise(VectorOperators.XOR, (int) key));
        FloatVector uniform = bits.lanewise(VectorOperators.LSHR, 9)
                .or(0x3F800000)
                .reinterpretAsFloats()
                .sub(1f)
                .add(0x1p-24f);
        return log(log(uniform).neg()).neg();
    }

    private static IntVector mix(IntVector value) {
        IntVector h = value.lanewise(VectorOperators.XOR, value.lanewise(VectorOperators.LSHR, 16));
        h = h.mul(CounterNoise.MIX_1);
        h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 15));
        h = h.mul(CounterNoise.MIX_2);
        return h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16));
    }

    private static FloatVector log(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        IntVector exponent = bits.sub(CounterNoise.SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
        FloatVector f = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats()
                .sub(1f);
        FloatVector p = f.fma(broadcast(-0.07902745553f), broadcast(0.1262232129f));
        p = p.fma(f, broadcast(-0.1299818384f));
        p = p.fma(f, broadcast(0.1421449577f));
        p = p.fma(f, broadcast(-0.1664128144f));
        p = p.fma(f, broadcast(0.200010451f));
        p = p.fma(f, broadcast(-0.2500030642f));
        p = p.fma(f, broadcast(0.3333333073f));
        p = p.fma(f, broadcast(-0.5f));
        FloatVector exponents = exponent.add(ROUNDER_BITS).reinterpretAsFloats().sub(ROUNDER);
        return exponents.fma(broadcast(CounterNoise.LN2), p.fma(f.mul(f), f));
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(Lanes.FLOATS, value);
    }
}
