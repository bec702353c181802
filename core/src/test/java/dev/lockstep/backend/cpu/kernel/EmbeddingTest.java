package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.gemm.JavaGemm;
import dev.lockstep.backend.cpu.gemm.PackedWeight;
import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddingTest {

    private static final int ROWS = 23;
    private static final int WIDTH = 37;

    @ParameterizedTest
    @EnumSource(
            value = Precision.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"INT8", "FP16"})
    void gathersRowsItHoldsAndZeroesOthers(Precision precision) {
        try (Samples samples = new Samples(1);
                Workers workers = new Workers(2)) {
            float[] values = ofElevenBits(samples.array(ROWS * WIDTH));
            PanelSource source = (from, to, target) -> target.put(values, from * WIDTH, (to - from) * WIDTH);
            try (Table table = new Table(ROWS, WIDTH, source, precision, Memory.UNCOUNTED);
                    PackedWeight packed =
                            new JavaGemm(Memory.UNCOUNTED).pack(ROWS, WIDTH, source, precision, null, workers, 8)) {
                checkGather(samples, workers, table, values);
                checkGather(samples, workers, packed, precision == Precision.FP32 ? values : rounded(values));
                long remainders = precision == Precision.FP32 ? 0 : Remainders.bytes(ROWS, WIDTH);
                assertThat(table.bytes()).isEqualTo((long) ROWS * WIDTH * precision.bytes() + remainders);
            }
        }
    }

    /** As a file of fp16 has them. */
    private static float[] ofElevenBits(float[] values) {
        float[] found = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            found[i] = Float.intBitsToFloat(Float.floatToRawIntBits(values[i]) & -1 << 13);
        }
        return found;
    }

    private static float[] rounded(float[] values) {
        float[] found = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            found[i] = Bf16.toFloat(Bf16.fromFloat(values[i]));
        }
        return found;
    }

    private static void checkGather(Samples samples, Workers workers, RowTable table, float[] values) {
        Embedding embedding = new Embedding(workers);
        int[] ids = {100, 122, 123, 99, 105, 105, 0};
        Matrix y = samples.matrix(ids.length, WIDTH);
        embedding.gather(table, 100, ids, y, ids.length);
        int[] held = new int[ROWS];
        for (int i = 0; i < ROWS; i++) {
            held[i] = 2 * i + 77;
        }
        Matrix z = samples.matrix(ids.length, WIDTH);
        embedding.gather(table, held, ids, z, ids.length);
        for (int r = 0; r < ids.length; r++) {
            int row = ids[r] - 100;
            int scattered = (ids[r] - 77) % 2 == 0 ? (ids[r] - 77) / 2 : -1;
            for (int c = 0; c < WIDTH; c++) {
                assertThat(y.get(r, c)).isEqualTo(value(values, row, c));
                assertThat(z.get(r, c)).isEqualTo(value(values, scattered, c));
            }
        }
    }

    private static float value(float[] values, int row, int column) {
        if (row < 0 || row >= ROWS) {
            return 0f;
        }
        return values[row * WIDTH + column];
    }

    @Test
    void anEmptyTableIsLegalAndRowsAreChecked() {
        try (Samples samples = new Samples(1);
                Workers workers = new Workers(1);
                Table empty = new Table(0, WIDTH, (from, to, target) -> {}, Precision.FP32, Memory.UNCOUNTED)) {
            Matrix y = samples.matrix(2, WIDTH);
            new Embedding(workers).gather(empty, 0, new int[] {0, 1}, y, 2);
            assertThat(y.get(1, WIDTH - 1)).isZero();
            assertThatThrownBy(() -> empty.row(0, y.slab(), 0)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }
}
