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
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers that multiply tiles by different weights of an engine at the same time do not meet in its buffers. */
class TileProductsTest {
    private static final int WORKERS = 3;
    private static final int TILES = 40;
    private static final int MOST = TILES * PackedWeight.TILE_ROWS;

    @ParameterizedTest
    @CsvSource({
        "FP32, ONE_PART, 1",
        "FP32, ONE_PART, 128",
        "BF16, ONE_PART, 7",
        "BF16, ONE_PART, 128",
        "BF16, TWO_PARTS, 5",
        "BF16, TWO_PARTS, 100",
        "INT8, ONE_PART, 64",
        "INT8, ONE_PART, 128",
        "INT8, ONE_PART, 77"
    })
    void equalWholeProducts(Precision precision, Rounding rounding, int rows) {
        for (GemmEngine engine : List.of(
                new JavaGemm(Memory.UNCOUNTED),
                GemmEngines.open(Memory.UNCOUNTED),
                new FixedRowsGemm(GemmEngines.open(Memory.UNCOUNTED), Memory.UNCOUNTED))) {
            try (engine;
                    Workers workers = new Workers(WORKERS);
                    Samples samples = new Samples(rows);
                    PackedWeight narrow = pack(engine, samples, 70, 32, precision, rounding, workers);
                    PackedWeight wide = pack(engine, samples, 48, 333, precision, rounding, workers)) {
                check(engine.name(), workers, samples, List.of(narrow, wide), rows, precision);
            }
        }
    }

    private static PackedWeight pack(
            GemmEngine engine,
            Samples samples,
            int outputs,
            int inputs,
            Precision precision,
            Rounding rounding,
            Workers workers) {
        float[] weight = samples.array(outputs * inputs);
        float[] bias = samples.array(outputs);
        PanelSource source = (from, to, target) -> target.put(weight, from * inputs, (to - from) * inputs);
        return engine.pack(outputs, inputs, source, precision, () -> rounding, bias, workers, MOST);
    }

    private static void check(
            String name, Workers workers, Samples samples, List<PackedWeight> weights, int rows, Precision precision) {
        Matrix[] sources = new Matrix[weights.size()];
        Matrix[] targets = new Matrix[weights.size()];
        float[][][] expected = new float[weights.size()][][];
        for (int i = 0; i < sources.length; i++) {
            PackedWeight weight = weights.get(i);
            sources[i] = samples.matrix(TILES * rows, weight.inputs());
            targets[i] = samples.matrix(TILES * rows, weight.outputs());
            weight.multiply(workers, sources[i], TILES * rows, targets[i], Activation.GELU);
            expected[i] = Samples.values(targets[i], TILES * rows, weight.outputs());
            targets[i] = samples.matrix(TILES * rows, weight.outputs());
            weight.prepareTile(sources[i], rows, targets[i], Activation.GELU);
        }
        Workers.Items tiles = (worker, item) -> {
            int i = item % sources.length;
            int row = item / sources.length * rows;
            Matrix x = new Matrix(sources[i].slab(), sources[i].at(row, 0), sources[i].rowStride());
            Matrix y = new Matrix(targets[i].slab(), targets[i].at(row, 0), targets[i].rowStride());
            weights.get(i).multiplyTile(worker, x, rows, y, Activation.GELU);
        };
        workers.run(tiles, TILES * sources.length, Long.MAX_VALUE);
        // Bytes are added up exactly; a library may add numbers up in another order when there are more rows.
        Offset<Float> tolerance = Offset.offset(precision == Precision.INT8 ? 0f : 2e-4f);
        for (int i = 0; i < sources.length; i++) {
            float[][] found =
                    Samples.values(targets[i], TILES * rows, weights.get(i).outputs());
            for (int row = 0; row < found.length; row++) {
                for (int column = 0; column < found[row].length; column++) {
                    assertThat(found[row][column])
                            .as("%s, weight %d, row %d, column %d", name, i, row, column)
                            .isEqualTo(expected[i][row][column], tolerance);
                }
            }
        }
    }
}
