package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CounterNoiseTest {

    @Test
    void vectorAndScalarCodeAgreeInEveryBit() {
        int n = 65_536;
        int[] tokens = IntStream.range(0, n).map(i -> i * 31).toArray();
        float[] noisy = new float[n];
        long key = CounterNoise.key(42, 7);
        try (Slab zero = Memory.UNCOUNTED.floats(n, "test")) {
            VectorNoise.perturb(key, 1f, zero.memory(), 0, tokens, 0, noisy, n);
        }
        for (int i = 0; i < n; i++) {
            assertThat(noisy[i]).isEqualTo(CounterNoise.gumbel(key, tokens[i]));
        }
    }

    @Test
    void uniformAndGumbelHaveTheirMoments() {
        int n = 1 << 20;
        double sum = 0;
        double squares = 0;
        double gumbel = 0;
        int[] bits = new int[32];
        for (int i = 0; i < n; i++) {
            long key = CounterNoise.key(i & 1023, i >>> 10);
            double u = CounterNoise.uniform(key, 5);
            sum += u;
            squares += u * u;
            gumbel += CounterNoise.gumbel(key, i);
            int value = CounterNoise.bits(key, 17) ^ CounterNoise.bits(key, 18);
            for (int b = 0; b < 32; b++) {
                bits[b] += (value >>> b) & 1;
            }
        }
        assertThat(sum / n).isBetween(0.4985, 0.5015);
        assertThat(squares / n).isBetween(0.3318, 0.3348);
        assertThat(gumbel / n).isBetween(0.5772 - 0.006, 0.5772 + 0.006);
        for (int b = 0; b < 32; b++) {
            assertThat((double) bits[b] / n).isBetween(0.4975, 0.5025);
        }
    }

    @Test
    void logIsAccurate() {
        for (float x = 1e-7f; x < 20f; x *= 1.0007f) {
            Samples.assertClose(CounterNoise.log(x), Math.log(x), 2e-7, "log " + x);
        }
    }

    @Test
    void noiseIsFrozen() {
        // Rows must draw the same tokens in every version: these values may not change.
        long key = CounterNoise.key(1234567, 3);
        assertThat(key).isEqualTo(4593380528125082431L);
        assertThat(CounterNoise.bits(key, 50256)).isEqualTo(1097769670);
    }
}
