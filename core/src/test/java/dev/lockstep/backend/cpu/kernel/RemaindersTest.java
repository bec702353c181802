package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RemaindersTest {

    private static final int WIDTH = 37;

    /** What a table of one panel restores; the panel lies after a float of something else. */
    private static float[] restored(float[] values, int rows, int width, long bytes) {
        PanelSource source = (from, to, target) -> target.put(values, from * width, (to - from) * width);
        float[] restored = new float[values.length];
        try (Remainders remainders = new Remainders(rows, width, Memory.UNCOUNTED);
                Slab row = Memory.UNCOUNTED.floats(width + 1L, "row")) {
            FloatBuffer panel = FloatBuffer.allocate(values.length + 1).position(1);
            remainders.watching(source).fill(0, rows, panel);
            assertThat(panel.position()).isEqualTo(values.length + 1);
            assertThat(remainders.bytes()).isEqualTo(bytes);
            for (int r = 0; r < rows; r++) {
                for (int i = 0; i < width; i++) {
                    row.set(1 + i, Bf16.toFloat(Bf16.fromFloat(values[r * width + i])));
                }
                remainders.restore(r, row, 1);
                row.get(1, restored, r * width, width);
            }
        }
        return restored;
    }

    @Test
    void everyNormalAndSubnormalOfFp16ComesBackExactly() {
        float[] values = new float[2 * 31 * 1024];
        int next = 0;
        for (int exponent = 0; exponent < 31; exponent++) {
            for (int mantissa = 0; mantissa < 1024; mantissa++) {
                float value = exponent == 0
                        ? mantissa * 0x1p-24f
                        : (1024 + mantissa) * (float) Math.scalb(1.0, exponent - 25);
                values[next++] = value;
                values[next++] = -value;
            }
        }
        assertThat(restored(values, 2 * 31, 1024, 2L * 31 * 512)).containsExactly(values);
    }

    @Test
    void fp32KeepsElevenBits() {
        Random random = new Random(1);
        float[] values = new float[5 * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * Math.exp(random.nextGaussian() * 5));
        }
        float[] found = restored(values, 5, WIDTH, Remainders.bytes(5, WIDTH));
        for (int i = 0; i < values.length; i++) {
            assertThat(Math.abs(found[i] - values[i])).isLessThanOrEqualTo(Math.abs(values[i]) * 0x1p-11f);
        }
    }

    @Test
    void valuesOfBf16CostNothing() {
        float[] values = {0f, -0f, 1f, -1.5f, 0x1p-126f, Float.POSITIVE_INFINITY};
        assertThat(restored(values, 2, 3, 0)).containsExactly(values);
    }

    @Test
    void aTableWithoutRowsIsLegal() {
        try (Remainders remainders = new Remainders(0, WIDTH, Memory.UNCOUNTED)) {
            assertThat(remainders.bytes()).isZero();
        }
    }
}
