package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpertRowsTest {

    @Test
    void rowsComeInTheOrderOfTheirExperts() {
        try (Samples samples = new Samples(1)) {
            Matrix weights = samples.matrix(4, 5);
            float[][] chosen = {{0, 2, 0, 0, 3}, {0, 0, 0, 0, 4}, {1, 5, 0, 6, 0}, {0, 0, 7, 0, 8}};
            for (int row = 0; row < 4; row++) {
                for (int expert = 0; expert < 5; expert++) {
                    weights.set(row, expert, chosen[row][expert]);
                }
            }
            ExpertOrder order = new ExpertOrder();
            order.sort(weights, 4, new int[] {1, 3, 4}, 5);
            assertThat(new int[] {order.count(0), order.count(1), order.count(2)})
                    .containsExactly(2, 1, 3);
            assertThat(new int[] {order.from(0), order.from(1), order.from(2)}).containsExactly(0, 2, 3);
            assertThat(Arrays.copyOf(order.rows(), 6)).containsExactly(0, 2, 2, 0, 1, 3);
            assertThat(Arrays.copyOf(order.factors(), 6)).containsExactly(2, 5, 6, 3, 4, 8);

            order.sort(weights, 2, new int[] {0, 2}, 5);
            assertThat(new int[] {order.count(0), order.count(1)}).containsExactly(0, 0);
            order.sort(weights, 0, new int[] {}, 5);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "9, 5, 1", "40, 67, 3", "200, 128, 2"})
    void gathersJoinsAndAdds(int rows, int width, int threads) {
        for (RowMath math : new RowMath[] {new ScalarRowMath(), RowMath.best()}) {
            try (Samples samples = new Samples(rows);
                    Workers workers = new Workers(threads)) {
                ExpertRows kernel = new ExpertRows(workers, math);
                ExpertOrder order = new ExpertOrder();
                Matrix weights = samples.matrix(rows, 2);
                for (int row = 0; row < rows; row += 3) {
                    weights.set(row, 1, 0);
                }
                order.sort(weights, rows, new int[] {1}, 2);
                Matrix x = samples.matrix(rows, width);
                Matrix gathered = samples.matrix(rows, width);
                Matrix out = samples.matrix(rows, width);
                float[][] before = Samples.values(out, rows, width);

                kernel.gather(x, order, 0, false, gathered, width);
                kernel.add(gathered, order, 0, true, out, width);
                for (int row = 0; row < rows; row++) {
                    for (int c = 0; c < width; c++) {
                        double expected = before[row][c] + weights.get(row, 1) * x.get(row, c);
                        Samples.assertClose(out.get(row, c), expected, 1e-5, "row " + row);
                    }
                }
                kernel.gather(x, order, 0, true, gathered, width);
                for (int n = 0; n < order.count(0); n++) {
                    int row = order.rows()[n];
                    Samples.assertClose(gathered.get(n, 0), weights.get(row, 1) * x.get(row, 0), 1e-6, "row " + row);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 33", "50, 64"})
    void joinsGateAndUp(int rows, int inner) {
        try (Samples samples = new Samples(inner);
                Workers workers = new Workers(2)) {
            ExpertRows kernel = new ExpertRows(workers);
            Matrix plain = samples.matrix(rows, 2 * inner);
            Matrix clamped = samples.matrix(rows, 2 * inner);
            float[][] a = Samples.values(plain, rows, 2 * inner);
            float[][] b = Samples.values(clamped, rows, 2 * inner);
            kernel.gate(Activation.SILU, plain, rows, inner);
            kernel.gateClamped(0.8, 1.702, clamped, rows, inner);
            for (int row = 0; row < rows; row++) {
                for (int c = 0; c < inner; c++) {
                    double silu = a[row][c] / (1 + Math.exp(-a[row][c]));
                    Samples.assertClose(plain.get(row, c), silu * a[row][inner + c], 1e-5, "plain");
                    double gate = Math.min(b[row][c], 0.8);
                    double up = Math.max(-0.8, Math.min(0.8, b[row][inner + c]));
                    double expected = (up + 1) * gate / (1 + Math.exp(-1.702 * gate));
                    Samples.assertClose(clamped.get(row, c), expected, 1e-5, "clamped");
                }
            }
        }
    }
}
