package dev.lockstep.backend.cpu.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LanesTest {

    @Test
    void loadsAndStoresAtAnyFloat() {
        try (Slab slab = Memory.UNCOUNTED.floats(100, "test")) {
            for (int i = 0; i < 100; i++) {
                slab.set(i, i);
            }
            Lanes.store(Lanes.load(slab.memory(), 3).add(1000f), slab.memory(), 57);
            for (int i = 0; i < Lanes.LENGTH; i++) {
                assertThat(slab.get(57 + i)).isEqualTo(1003f + i);
            }
            assertThatThrownBy(() -> Lanes.load(slab.memory(), 101 - Lanes.LENGTH))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void loadsFromAClosedSlabAreErrors() {
        Slab slab = Memory.UNCOUNTED.floats(64, "test");
        slab.close();
        assertThatThrownBy(() -> Lanes.load(slab.memory(), 0)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void bf16RoundsToNearestEvenAndWidensExactly() {
        Random random = new Random(1);
        float[] values = new float[Lanes.LENGTH];
        float[] back = new float[Lanes.LENGTH];
        try (Slab slab = Memory.UNCOUNTED.allocate(1000, "test")) {
            for (int trial = 0; trial < 1000; trial++) {
                for (int i = 0; i < values.length; i++) {
                    int bits = random.nextInt();
                    values[i] = trial == 0 ? Float.intBitsToFloat(0x3F808000 + (i << 16)) : Float.intBitsToFloat(bits);
                    if (Float.isNaN(values[i])) {
                        values[i] = i;
                    }
                }
                Lanes.storeBf16(FloatVector.fromArray(Lanes.FLOATS, values, 0), slab.memory(), 5);
                Lanes.loadBf16(slab.memory(), 5).intoArray(back, 0);
                for (int i = 0; i < values.length; i++) {
                    assertThat(back[i]).isEqualTo(Bf16.toFloat(Bf16.fromFloat(values[i])));
                    assertThat(Lanes.toBf16(FloatVector.fromArray(Lanes.FLOATS, values, 0))
                                    .lane(i))
                            .isEqualTo(back[i]);
                    assertThat(slab.getShort(5 + i)).isEqualTo(Bf16.fromFloat(values[i]));
                }
            }
        }
    }

    @Test
    void integersBecomeFloats() {
        float[] back = new float[Lanes.LENGTH];
        try (Slab slab = Memory.UNCOUNTED.allocate(1000, "test")) {
            for (int i = 0; i < 300; i++) {
                slab.setShort(i, (short) (i * 7919));
            }
            slab.setShort(9, Short.MIN_VALUE);
            Lanes.loadInt16(slab.memory(), 7).intoArray(back, 0);
            for (int i = 0; i < back.length; i++) {
                assertThat(back[i]).isEqualTo(slab.getShort(7 + i));
            }
        }
    }

    @Test
    void scalarBf16IsNearest() {
        assertThat(Bf16.toFloat(Bf16.fromFloat(1f))).isEqualTo(1f);
        assertThat(Bf16.toFloat(Bf16.fromFloat(1.00390625f))).isEqualTo(1f); // half way: to even
        assertThat(Bf16.toFloat(Bf16.fromFloat(1.01171875f))).isEqualTo(1.015625f); // half way: to even, upwards
        assertThat(Bf16.toFloat(Bf16.fromFloat(-3.14159274f))).isEqualTo(-3.140625f);
        assertThat(Bf16.toFloat(Bf16.fromFloat(Float.NEGATIVE_INFINITY))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Bf16.toFloat(Bf16.fromFloat(Float.NaN))).isNaN();
    }
}
