package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import jdk.incubator.vector.FloatVector;

/** On the Vector API. */
final class VectorHeadMath implements HeadMath {

    @Override
    public boolean takes(int valueWidth) {
        return valueWidth % Lanes.LENGTH == 0;
    }

    @Override
    public void scores(
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
            int oi) {
        try {
            HeadScores.of(form)
                    .invokeExact(
                            q,
                            heads,
                            width,
                            keys.memory(),
                            ki,
                            fourStride,
                            headStride,
                            keyStride,
                            factors,
                            fourFactors,
                            out,
                            oi);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }

    @Override
    public void scale(float[][] p, int heads, int pi, Slab values, int factors, int headFactors) {
        Object memory = values.memory();
        for (int head = 0; head < heads; head++) {
            FloatVector weights = FloatVector.fromArray(Lanes.FLOATS, p[head], pi);
            weights.mul(Lanes.load(memory, factors + head * headFactors)).intoArray(p[head], pi);
        }
    }

    @Override
    public void accumulate(
            Form form,
            float[][] p,
            int heads,
            int pi,
            int positions,
            Slab values,
            int vi,
            int headStride,
            int width,
            float[][] acc) {
        Object memory = values.memory();
        int rest = HeadValues.rest(width);
        try {
            if (rest < width) {
                HeadValues.wide(form).invokeExact(p, heads, pi, positions, memory, vi, headStride, width, 0, acc);
            }
            if (rest > 0) {
                int from = width - rest;
                HeadValues.narrow(form).invokeExact(p, heads, pi, positions, memory, vi, headStride, width, from, acc);
            }
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
    }
}
