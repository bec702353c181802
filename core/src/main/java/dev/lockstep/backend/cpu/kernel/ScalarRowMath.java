package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Slab;

/** Row arithmetic without the Vector API; also the tails of the vector loops. */
final class ScalarRowMath implements RowMath {

    @Override
    public void add(Slab x, int xi, Slab y, int yi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, x.get(xi + i) + y.get(yi + i));
        }
    }

    @Override
    public void multiply(Slab x, int xi, Slab y, int yi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, x.get(xi + i) * y.get(yi + i));
        }
    }

    @Override
    public void clamp(float low, float high, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, Math.min(high, Math.max(low, x.get(xi + i))));
        }
    }

    @Override
    public void scale(float factor, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, factor * x.get(xi + i));
        }
    }

    @Override
    public void addScaled(float factor, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, Math.fma(factor, x.get(xi + i), z.get(zi + i)));
        }
    }

    @Override
    public void affine(float[] weight, float[] bias, int from, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            float value = x.get(xi + i);
            value = weight == null ? value : value * weight[from + i];
            z.set(zi + i, bias == null ? value : value + bias[from + i]);
        }
    }

    @Override
    public void normalise(
            float mean, float scale, float[] weight, float[] bias, int from, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            float value = (x.get(xi + i) - mean) * scale;
            value = weight == null ? value : value * weight[from + i];
            z.set(zi + i, bias == null ? value : value + bias[from + i]);
        }
    }

    @Override
    public void activate(Activation activation, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, ScalarMath.apply(activation, x.get(xi + i)));
        }
    }

    @Override
    public void xielu(Xielu curve, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, curve.at(x.get(xi + i)));
        }
    }

    @Override
    public void softCap(float cap, Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, (float) (cap * Math.tanh(x.get(xi + i) / cap)));
        }
    }

    @Override
    public float sum(Slab x, int xi, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x.get(xi + i);
        }
        return (float) sum;
    }

    @Override
    public float squares(float mean, Slab x, int xi, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            float centred = x.get(xi + i) - mean;
            sum += (double) centred * centred;
        }
        return (float) sum;
    }

    @Override
    public float max(Slab x, int xi, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            max = Math.max(max, x.get(xi + i));
        }
        return max;
    }

    @Override
    public float sumExp(float max, Slab x, int xi, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.exp(x.get(xi + i) - max);
        }
        return (float) sum;
    }

    @Override
    public float sumExp(float max, float factor, Slab x, int xi, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.exp(factor * (x.get(xi + i) - max));
        }
        return (float) sum;
    }

    @Override
    public int firstAbove(float threshold, Slab x, int xi, int n) {
        int i = 0;
        while (i < n && !(x.get(xi + i) > threshold)) {
            i++;
        }
        return i;
    }

    @Override
    public void toBf16(Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.setShort(zi + i, Bf16.fromFloat(x.get(xi + i)));
        }
    }

    @Override
    public void restToBf16(Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            float value = x.get(xi + i);
            z.setShort(zi + i, Bf16.fromFloat(value - Bf16.toFloat(Bf16.fromFloat(value))));
        }
    }

    @Override
    public void fromBf16(Slab x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.set(zi + i, Bf16.toFloat(x.getShort(xi + i)));
        }
    }

    @Override
    public void rotateHalves(float[] cos, float[] sin, int from, Slab x, int xi, Slab z, int zi, int half) {
        for (int i = 0; i < half; i++) {
            float first = x.get(xi + i);
            float second = x.get(xi + half + i);
            float c = cos[from + i];
            float s = sin[from + i];
            z.set(zi + i, first * c - second * s);
            z.set(zi + half + i, second * c + first * s);
        }
    }
}
