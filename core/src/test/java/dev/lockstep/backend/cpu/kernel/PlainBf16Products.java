package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Slab;

/** By the formula, number by number. */
public final class PlainBf16Products implements Bf16Products {

    @Override
    public void multiply(
            int worker,
            int rows,
            int columns,
            int inner,
            Slab a,
            int ai,
            int aStride,
            Slab b,
            int bi,
            int bStride,
            boolean transposed,
            Slab y,
            int yi,
            int yStride) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                float sum = 0;
                for (int l = 0; l < inner; l++) {
                    int at = transposed ? bi + j * bStride + l : bi + l * bStride + j;
                    sum += Bf16.toFloat(a.getShort(ai + i * aStride + l)) * Bf16.toFloat(b.getShort(at));
                }
                y.set(yi + i * yStride + j, sum);
            }
        }
    }
}
