package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Slab;

/** Without the Vector API; also the tails of the vector loops. */
final class ScalarIntegers implements Integers {

    @Override
    public float largest(Slab x, int xi, int n) {
        float largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(x.get(xi + i)));
        }
        return largest;
    }

    @Override
    public void round(Slab x, int xi, float factor, int[] z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z[zi + i] = (int) Math.rint(x.get(xi + i) * factor);
        }
    }

    @Override
    public void narrow(Slab x, int xi, float factor, Slab z, Form form, int zi, int n) {
        for (int i = 0; i < n; i++) {
            int rounded = (int) Math.rint(x.get(xi + i) * factor);
            if (form == Form.INT8) {
                z.bytes().put(zi + i, (byte) rounded);
            } else {
                z.setShort(zi + i, (short) rounded);
            }
        }
    }

    @Override
    public void widen(Slab x, Form form, int xi, int n, float[] z, int zi) {
        for (int i = 0; i < n; i++) {
            z[zi + i] = get(x, form, xi + i);
        }
    }

    static float get(Slab x, Form form, int index) {
        if (form == Form.FP32) {
            return x.get(index);
        }
        return form == Form.INT8 ? x.bytes().get(index) : x.getShort(index);
    }

    @Override
    public void widenGroups(Slab x, Form form, int xi, int stride, int groups, float[] z, int zi) {
        for (int group = 0; group < groups; group++) {
            widen(x, form, xi + group * stride, TileMath.GROUP, z, zi + group * TileMath.GROUP);
        }
    }
}
