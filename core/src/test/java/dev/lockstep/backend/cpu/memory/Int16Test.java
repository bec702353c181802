package dev.lockstep.backend.cpu.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Int16Test {

    @Test
    void valuesKeepFifteenBitsBelowTheLargest() {
        Random random = new Random(3);
        for (int trial = 0; trial < 1000; trial++) {
            float largest = (float) Math.exp(random.nextGaussian() * 15);
            float scale = Int16.scale(largest);
            assertThat(Int16.of(largest, scale)).isEqualTo((short) 32767);
            assertThat(Int16.of(-largest, scale)).isEqualTo((short) -32767);
            float value = largest * (2 * random.nextFloat() - 1);
            assertThat(Math.abs((double) scale * Int16.of(value, scale) - value))
                    .isLessThan(largest * 0x1.01p-16);
        }
    }

    @Test
    void zerosAndTheTiniestValuesAreZero() {
        assertThat(Int16.of(0f, Int16.scale(0f))).isZero();
        for (float largest : new float[] {Float.MIN_VALUE, 1e-42f, 3.8e-34f}) {
            float scale = Int16.scale(largest);
            assertThat(scale * Int16.of(largest, scale)).isZero();
        }
    }

    @Test
    void aVectorThatIsNotFiniteReadsAsNaN() {
        for (float largest : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
            float scale = Int16.scale(largest);
            assertThat(scale * Int16.of(1f, scale)).isNaN();
            assertThat(scale * Int16.of(largest, scale)).isNaN();
        }
    }
}
