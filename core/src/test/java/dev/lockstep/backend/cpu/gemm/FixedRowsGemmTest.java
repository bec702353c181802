package dev.lockstep.backend.cpu.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.Samples;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FixedRowsGemmTest {
    private static final int MOST = 130;
    private static final int[] ROWS = {1, 2, 7, 8, 9, 16, 33, 64, 65, 130};

    @ParameterizedTest
    @CsvSource({
        "FP32, ONE_PART, 200, 64",
        "FP32, ONE_PART, 90, 3000",
        "BF16, ONE_PART, 200, 64",
        "BF16, ONE_PART, 90, 3000",
        "BF16, TWO_PARTS, 200, 64",
        "BF16, TWO_PARTS, 90, 3000"
    })
    void aRowsBitsAreItsOwn(Precision precision, Rounding rounding, int outputs, int inputs) {
        for (GemmEngine inner : List.of(new JavaGemm(Memory.UNCOUNTED), GemmEngines.open(Memory.UNCOUNTED))) {
            try (GemmEngine engine = new FixedRowsGemm(inner, Memory.UNCOUNTED);
                    Workers workers = new Workers(2);
                    Samples samples = new Samples(outputs + inputs)) {
                float[] weight = samples.array(outputs * inputs);
                float[] bias = samples.array(outputs);
                PanelSource source = (from, to, target) -> target.put(weight, from * inputs, (to - from) * inputs);
                try (PackedWeight packed =
                        engine.pack(outputs, inputs, source, precision, () -> rounding, bias, workers, MOST)) {
                    Matrix x = samples.matrix(MOST, inputs);
                    Matrix y = samples.matrix(MOST, outputs);
                    packed.multiply(workers, x, MOST, y, Activation.GELU);
                    packed.multiplyAdd(workers, x, MOST, y);
                    float[][] expected = Samples.values(y, MOST, outputs);
                    for (int rows : ROWS) {
                        // As many rows as there are, from anywhere.
                        for (int first = 0; first + rows <= MOST; first += Math.max(rows, 13)) {
                            Matrix part = new Matrix(x.slab(), x.at(first, 0), x.rowStride());
                            packed.multiply(workers, part, rows, y, Activation.GELU);
                            packed.multiplyAdd(workers, part, rows, y);
                            float[][] found = Samples.values(y, rows, outputs);
                            for (int row = 0; row < rows; row++) {
                                assertThat(found[row])
                                        .as("%s, %d rows from %d on, row %d", engine.name(), rows, first, row)
                                        .containsExactly(expected[first + row]);
                            }
                        }
                    }
                }
            }
        }
    }
}
