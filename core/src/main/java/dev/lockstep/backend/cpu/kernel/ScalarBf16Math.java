package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Form;
import dev.lockstep.backend.cpu.memory.Slab;

/** Without the Vector API; also the tails of the vector loops. */
final class ScalarBf16Math implements Bf16Math {

    @Override
    public void round(float[] x, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.setShort(zi + i, Bf16.fromFloat(x[xi + i]));
        }
    }

    @Override
    public void round(Slab x, int xi, float factor, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.setShort(zi + i, Bf16.fromFloat(x.get(xi + i) * factor));
        }
    }

    @Override
    public void round(Slab x, Form form, int xi, Slab z, int zi, int n) {
        for (int i = 0; i < n; i++) {
            z.setShort(zi + i, Bf16.fromFloat(ScalarIntegers.get(x, form, xi + i)));
        }
    }

    @Override
    public void roundGroups(Slab x, Form form, int xi, int xStride, int groups, Slab z, int zi, int zStride) {
        for (int group = 0; group < groups; group++) {
            round(x, form, xi + group * xStride, z, zi + group * zStride, TileMath.GROUP);
        }
    }
}
