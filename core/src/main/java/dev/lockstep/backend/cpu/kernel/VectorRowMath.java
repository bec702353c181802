package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Lanes;
import dev.lockstep.backend.cpu.memory.Slab;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Row arithmetic on the Vector API. Loops are small methods of their own so that each compiles to registers. */
final class VectorRowMath implements RowMath {

    private static final int LENGTH = Lanes.LENGTH;
    private static final ScalarRowMath TAIL = new ScalarRowMath();

    /** {@link OutOfLine}, since it ends the attention of a tile, which takes most of a compiler's budget before it. */
    private static final MethodHandle[] SCALE = {
        OutOfLine.find(
                MethodHandles.lookup(),
                "scaleWhole",
                float.class,
                Object.class,
                int.class,
                Object.class,
                int.class,
                int.class)
    };

    @Override
    public void add(Slab x, int xi, Slab y, int yi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object ym = y.memory();
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.store(Lanes.load(xm, xi + i).add(Lanes.load(ym, yi + i)), zm, zi + i);
        }
        TAIL.add(x, xi + whole, y, yi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void multiply(Slab x, int xi, Slab y, int yi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object ym = y.memory();
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.store(Lanes.load(xm, xi + i).mul(Lanes.load(ym, yi + i)), zm, zi + i);
        }
        TAIL.multiply(x, xi + whole, y, yi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void scale(float factor, Slab x, int xi, Slab z, int zi, int n) {
        int whole = n & -LENGTH;
        try {
            SCALE[0].invokeExact(factor, x.memory(), xi, z.memory(), zi, whole);
        } catch (Throwable e) {
            throw OutOfLine.unchecked(e);
        }
        TAIL.scale(factor, x, xi + whole, z, zi + whole, n - whole);
    }

    private static void scaleWhole(float factor, Object x, int xi, Object z, int zi, int n) {
        for (int i = 0; i < n; i += LENGTH) {
            Lanes.store(Lanes.load(x, xi + i).mul(factor), z, zi + i);
        }
    }

    @Override
    public void addScaled(float factor, Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        FloatVector factors = FloatVector.broadcast(Lanes.FLOATS, factor);
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.store(Lanes.load(xm, xi + i).fma(factors, Lanes.load(zm, zi + i)), zm, zi + i);
        }
        TAIL.addScaled(factor, x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void clamp(float low, float high, Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.store(Lanes.load(xm, xi + i).max(low).min(high), zm, zi + i);
        }
        TAIL.clamp(low, high, x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void affine(float[] weight, float[] bias, int from, Slab x, int xi, Slab z, int zi, int n) {
        normalise(0f, 1f, weight, bias, from, x, xi, z, zi, n);
    }

    /**
     * One method with four loops on purpose: above 325 bytecodes the compiler does not inline it into its callers,
     * where, among their other loops, it would run out of its budget and leave vectors in memory.
     */
    @Override
    public void normalise(
            float mean, float scale, float[] weight, float[] bias, int from, Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        FloatVector means = FloatVector.broadcast(Lanes.FLOATS, mean);
        FloatVector scales = FloatVector.broadcast(Lanes.FLOATS, scale);
        int whole = n & -LENGTH;
        if (weight != null && bias != null) {
            for (int i = 0; i < whole; i += LENGTH) {
                FloatVector w = FloatVector.fromArray(Lanes.FLOATS, weight, from + i);
                FloatVector b = FloatVector.fromArray(Lanes.FLOATS, bias, from + i);
                Lanes.store(Lanes.load(xm, xi + i).sub(means).mul(scales).fma(w, b), zm, zi + i);
            }
        } else if (weight != null) {
            for (int i = 0; i < whole; i += LENGTH) {
                FloatVector w = FloatVector.fromArray(Lanes.FLOATS, weight, from + i);
                Lanes.store(Lanes.load(xm, xi + i).sub(means).mul(scales).mul(w), zm, zi + i);
            }
        } else if (bias != null) {
            for (int i = 0; i < whole; i += LENGTH) {
                FloatVector b = FloatVector.fromArray(Lanes.FLOATS, bias, from + i);
                Lanes.store(Lanes.load(xm, xi + i).sub(means).mul(scales).add(b), zm, zi + i);
            }
        } else {
            for (int i = 0; i < whole; i += LENGTH) {
                Lanes.store(Lanes.load(xm, xi + i).sub(means).mul(scales), zm, zi + i);
            }
        }
        TAIL.normalise(mean, scale, weight, bias, from + whole, x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void activate(Activation activation, Slab x, int xi, Slab z, int zi, int n) {
        int whole = n & -LENGTH;
        VectorActivations.apply(activation, x.memory(), xi, z.memory(), zi, whole);
        TAIL.activate(activation, x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void xielu(Xielu curve, Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        FloatVector linear = FloatVector.broadcast(Lanes.FLOATS, curve.linear());
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            FloatVector v = Lanes.load(xm, xi + i);
            FloatVector above = v.mul(curve.positive()).add(linear).mul(v);
            // Near zero the difference loses digits, but not beyond the precision of the linear term beside it.
            FloatVector bent =
                    VectorMath.expOfNegative(v.min(curve.bound())).sub(1f).sub(v);
            FloatVector below = bent.mul(curve.negative()).add(v.mul(linear));
            Lanes.store(below.blend(above, v.compare(VectorOperators.GT, 0f)), zm, zi + i);
        }
        TAIL.xielu(curve, x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void softCap(float cap, Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.store(VectorMath.tanh(Lanes.load(xm, xi + i).mul(1f / cap)).mul(cap), zm, zi + i);
        }
        TAIL.softCap(cap, x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public float sum(Slab x, int xi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < whole; i += LENGTH) {
            sums = sums.add(Lanes.load(xm, xi + i));
        }
        return sums.reduceLanes(VectorOperators.ADD) + TAIL.sum(x, xi + whole, n - whole);
    }

    @Override
    public float squares(float mean, Slab x, int xi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < whole; i += LENGTH) {
            FloatVector centred = Lanes.load(xm, xi + i).sub(mean);
            sums = centred.fma(centred, sums);
        }
        return sums.reduceLanes(VectorOperators.ADD) + TAIL.squares(mean, x, xi + whole, n - whole);
    }

    @Override
    public float max(Slab x, int xi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        FloatVector largest = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < whole; i += LENGTH) {
            largest = largest.max(Lanes.load(xm, xi + i));
        }
        return Math.max(largest.reduceLanes(VectorOperators.MAX), TAIL.max(x, xi + whole, n - whole));
    }

    @Override
    public float sumExp(float max, Slab x, int xi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < whole; i += LENGTH) {
            sums = sums.add(VectorMath.exp(Lanes.load(xm, xi + i).sub(max)));
        }
        return sums.reduceLanes(VectorOperators.ADD) + TAIL.sumExp(max, x, xi + whole, n - whole);
    }

    @Override
    public float sumExp(float max, float factor, Slab x, int xi, int n) {
        Object xm = x.memory();
        int whole = n & -LENGTH;
        FloatVector sums = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < whole; i += LENGTH) {
            sums = sums.add(VectorMath.exp(Lanes.load(xm, xi + i).sub(max).mul(factor)));
        }
        return sums.reduceLanes(VectorOperators.ADD) + TAIL.sumExp(max, factor, x, xi + whole, n - whole);
    }

    @Override
    public int firstAbove(float threshold, Slab x, int xi, int n) {
        Object xm = x.memory();
        int i = 0;
        while (i + LENGTH <= n
                && !Lanes.load(xm, xi + i)
                        .compare(VectorOperators.GT, threshold)
                        .anyTrue()) {
            i += LENGTH;
        }
        return i + TAIL.firstAbove(threshold, x, xi + i, n - i);
    }

    @Override
    public void toBf16(Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.storeBf16(Lanes.load(xm, xi + i), zm, zi + i);
        }
        TAIL.toBf16(x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void restToBf16(Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            FloatVector value = Lanes.load(xm, xi + i);
            Lanes.storeBf16(value.sub(Lanes.toBf16(value)), zm, zi + i);
        }
        TAIL.restToBf16(x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void fromBf16(Slab x, int xi, Slab z, int zi, int n) {
        Object xm = x.memory();
        Object zm = z.memory();
        int whole = n & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            Lanes.store(Lanes.loadBf16(xm, xi + i), zm, zi + i);
        }
        TAIL.fromBf16(x, xi + whole, z, zi + whole, n - whole);
    }

    @Override
    public void rotateHalves(float[] cos, float[] sin, int from, Slab x, int xi, Slab z, int zi, int half) {
        Object xm = x.memory();
        Object zm = z.memory();
        int whole = half & -LENGTH;
        for (int i = 0; i < whole; i += LENGTH) {
            FloatVector first = Lanes.load(xm, xi + i);
            FloatVector second = Lanes.load(xm, xi + half + i);
            FloatVector c = FloatVector.fromArray(Lanes.FLOATS, cos, from + i);
            FloatVector s = FloatVector.fromArray(Lanes.FLOATS, sin, from + i);
            Lanes.store(first.mul(c).sub(second.mul(s)), zm, zi + i);
            Lanes.store(second.mul(c).add(first.mul(s)), zm, zi + half + i);
        }
        for (int i = whole; i < half; i++) {
            float first = x.get(xi + i);
            float second = x.get(xi + half + i);
            z.set(zi + i, first * cos[from + i] - second * sin[from + i]);
            z.set(zi + half + i, second * cos[from + i] + first * sin[from + i]);
        }
    }
}
