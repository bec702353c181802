package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementwiseTest {

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,5,1", "7,64,2", "64,200,2", "33,333,3", "0,8,2"})
    void matchesPlainLoops(int rows, int width, int threads) {
        for (RowMath math : new RowMath[] {new ScalarRowMath(), RowMath.best()}) {
            try (Samples samples = new Samples(width);
                    Workers workers = new Workers(threads)) {
                Elementwise op = new Elementwise(workers, math);
                Matrix x = samples.matrix(rows, width, Math.max(1, width / 3), 2);
                Matrix y = samples.matrix(rows, width);
                Matrix z = samples.matrix(rows, width, Math.max(1, width / 2), 5);
                float[][] a = Samples.values(x, rows, width);
                float[][] b = Samples.values(y, rows, width);
                float[] weight = samples.array(width);
                float[] bias = samples.array(width);

                op.add(x, y, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] + b[r][c]);
                op.multiply(x, y, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] * b[r][c]);
                op.addScaled(y, 0.25f, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] * b[r][c] + 0.25 * b[r][c]);
                op.scale(x, -3f, z, rows, width);
                check(z, rows, width, (r, c) -> -3 * a[r][c]);
                op.affine(x, weight, bias, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] * weight[c] + bias[c]);
                op.affine(x, weight, null, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] * weight[c]);
                op.copy(x, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c]);
                op.gated(Activation.SILU, x, y, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] / (1 + Math.exp(-a[r][c])) * b[r][c]);
                op.softCap(x, 2f, z, rows, width);
                check(z, rows, width, (r, c) -> 2 * Math.tanh(a[r][c] / 2));
                Xielu curve = Xielu.of(new float[] {0.2f, -0.9f, 0.5f, -1e-6f});
                op.xielu(curve, x, z, rows, width);
                check(z, rows, width, (r, c) -> xielu(a[r][c]));
                op.clamp(x, -0.5f, 0.75f, z, rows, width);
                check(z, rows, width, (r, c) -> Math.min(0.75, Math.max(-0.5, a[r][c])));
                Matrix byRow = samples.matrix(Math.max(1, rows), 1);
                op.scaleRows(x, byRow, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] * byRow.get(r, 0));
                float[] table = samples.array(4);
                int[] entries = samples.random().ints(rows, 0, 4).toArray();
                op.scaleRows(x, table, entries, z, rows, width);
                check(z, rows, width, (r, c) -> a[r][c] * table[entries[r]]);
                op.activate(Activation.RELU, x, x, rows, width);
                check(x, rows, width, (r, c) -> Math.max(0, a[r][c]));
                op.clear(z, rows, width);
                check(z, rows, width, (r, c) -> 0);
                assertThat(Samples.values(y, rows, width)).isDeepEqualTo(b);
            }
        }
    }

    private static double xielu(double x) {
        double above = Math.log1p(Math.exp(0.2f)) * x * x;
        double below = (0.5 + Math.log1p(Math.exp(-0.9f))) * (Math.expm1(Math.min(x, -1e-6f)) - x);
        return (x > 0 ? above : below) + 0.5 * x;
    }

    private interface Expected {
        double at(int row, int column);
    }

    private static void check(Matrix matrix, int rows, int width, Expected expected) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < width; column++) {
                Samples.assertClose(
                        matrix.get(row, column), expected.at(row, column), 2e-6, "row " + row + " column " + column);
            }
        }
    }
}
