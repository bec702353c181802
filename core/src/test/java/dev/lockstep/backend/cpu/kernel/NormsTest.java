package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormsTest {

    private static final float EPSILON = 1e-5f;

    @ParameterizedTest
    @CsvSource({"LAYER,1,7,1", "RMS,1,7,1", "LAYER,65,96,2", "RMS,65,100,2", "RMS,3,1030,3"})
    void matchesTheDefinition(Norms.Kind kind, int rows, int width, int threads) {
        for (RowMath math : new RowMath[] {new ScalarRowMath(), RowMath.best()}) {
            try (Samples samples = new Samples(width);
                    Workers workers = new Workers(threads)) {
                Norms norms = new Norms(workers, math);
                Matrix x = samples.matrix(rows, width);
                Matrix y = samples.matrix(rows, width);
                float[][] a = Samples.values(x, rows, width);
                float[] weight = samples.array(width);
                float[] bias = samples.array(width);

                norms.apply(kind, x, y, rows, 1, width, weight, bias, EPSILON);
                check(kind, a, weight, bias, y);
                norms.apply(kind, x, y, rows, 1, width, weight, null, EPSILON);
                check(kind, a, weight, null, y);
                norms.apply(kind, x, y, rows, 1, width, null, null, EPSILON);
                check(kind, a, null, null, y);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"4,16", "3,5"})
    void normalisesEachHeadOfASelect(int heads, int width) {
        try (Samples samples = new Samples(1);
                Workers workers = new Workers(1)) {
            Matrix x = samples.matrix(6, heads * width, width, 2 * width);
            float[][] a = Samples.values(x, 6, heads * width);
            float[] shared = samples.array(width);
            float[] own = samples.array(heads * width);
            Matrix y = samples.matrix(6, heads * width);
            new Norms(workers).apply(Norms.Kind.RMS, x, y, 6, heads, width, shared, null, EPSILON);
            for (int head = 0; head < heads; head++) {
                checkHead(a, y, head, width, shared, 0);
            }
            new Norms(workers).apply(Norms.Kind.RMS, x, x, 6, heads, width, own, null, EPSILON);
            for (int head = 0; head < heads; head++) {
                checkHead(a, x, head, width, own, head * width);
            }
        }
    }

    private static void checkHead(float[][] a, Matrix y, int head, int width, float[] weight, int from) {
        for (int row = 0; row < a.length; row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                squares += Math.pow(a[row][head * width + i], 2);
            }
            for (int i = 0; i < width; i++) {
                double expected = a[row][head * width + i] / Math.sqrt(squares / width + EPSILON) * weight[from + i];
                Samples.assertClose(y.get(row, head * width + i), expected, 2e-6, "head " + head);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"LAYER,3", "RMS,3", "LAYER,1", "RMS,2"})
    void splitOverRanksEqualsTheWhole(Norms.Kind kind, int ranks) {
        int rows = 5;
        int width = 37;
        try (Samples samples = new Samples(ranks);
                Workers workers = new Workers(2)) {
            Matrix x = samples.matrix(rows, width);
            float[][] a = Samples.values(x, rows, width);
            float[] weight = samples.array(width);
            SplitNorms norms = new SplitNorms(workers);
            Matrix gathered = samples.matrix(ranks * rows, 3);
            // Rank r holds columns [from, to) and, but for the first, one column of its left neighbour it does not own.
            for (int rank = 0; rank < ranks; rank++) {
                int from = Math.max(0, width * rank / ranks - 1);
                int to = width * (rank + 1) / ranks;
                boolean[] owned = new boolean[to - from];
                for (int i = 0; i < owned.length; i++) {
                    owned[i] = rank == 0 || i > 0;
                }
                Matrix local = new Matrix(x.slab(), x.offset() + from, x.rowStride());
                Matrix part = new Matrix(gathered.slab(), gathered.at(rank * rows, 0), gathered.rowStride());
                norms.statistics(local, rows, to - from, rank == 0 ? null : owned, part);
            }
            Matrix combined = samples.matrix(rows, 3);
            SplitNorms.combine(gathered, ranks, rows, combined);
            Matrix y = samples.matrix(rows, width);
            norms.apply(kind, x, combined, y, rows, width, weight, null, EPSILON);
            check(kind, a, weight, null, y);
        }
    }

    @Test
    void refusesGroupsThatAreNotContiguous() {
        try (Samples samples = new Samples(1);
                Workers workers = new Workers(1)) {
            Matrix x = samples.matrix(2, 12, 4, 1);
            assertThatThrownBy(() -> new Norms(workers).apply(Norms.Kind.RMS, x, x, 2, 2, 6, null, null, EPSILON))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("copy the matrix first");
        }
    }

    private static void check(Norms.Kind kind, float[][] a, float[] weight, float[] bias, Matrix y) {
        for (int row = 0; row < a.length; row++) {
            int width = a[row].length;
            double mean = 0;
            for (float value : a[row]) {
                mean += value / width;
            }
            mean = kind == Norms.Kind.LAYER ? mean : 0;
            double variance = 0;
            for (float value : a[row]) {
                variance += Math.pow(value - mean, 2) / width;
            }
            for (int i = 0; i < width; i++) {
                double expected = (a[row][i] - mean) / Math.sqrt(variance + EPSILON);
                expected *= weight == null ? 1 : weight[i];
                expected += bias == null ? 0 : bias[i];
                Samples.assertClose(y.get(row, i), expected, 3e-6, "row " + row + " column " + i);
            }
        }
    }
}
