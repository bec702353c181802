package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotaryTest {

    @ParameterizedTest
    @CsvSource({
        "HALVES,64,64,0,false",
        "HALVES,64,64,0,true",
        "HALVES,80,20,0,false",
        "HALVES,6,2,0,true",
        "INTERLEAVED,64,64,0,false",
        "INTERLEAVED,16,6,0,true",
        "INTERLEAVED,16,6,0,false",
        "HALVES,70,70,0,false",
        "HALVES,24,8,16,false",
        "INTERLEAVED,24,8,16,true",
        "INTERLEAVED,20,6,5,false"
    })
    void turnsPairsAndCopiesTheRest(Rotary.Pairing pairing, int width, int rotated, int from, boolean inPlace) {
        int rows = 9;
        int heads = 3;
        try (Samples samples = new Samples(width);
                Workers workers = new Workers(2)) {
            Matrix x = samples.matrix(rows, heads * width, width, 2 * width);
            Matrix y = inPlace ? x : samples.matrix(rows, heads * width);
            float[][] a = Samples.values(x, rows, heads * width);
            int half = rotated / 2;
            float[] cos = samples.array(20 * half);
            float[] sin = samples.array(20 * half);
            int[] entries = samples.random().ints(rows, 0, 20).toArray();
            new Rotary(workers).tables(cos, sin, from, rotated, pairing).rotate(x, y, rows, entries, heads, width);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < heads * width; column++) {
                    int d = column % width - from;
                    double expected = a[row][column];
                    if (d >= 0 && d < rotated) {
                        boolean halves = pairing == Rotary.Pairing.HALVES;
                        int pair = halves ? d % half : d / 2;
                        boolean first = halves ? d < half : d % 2 == 0;
                        int distance = halves ? half : 1;
                        float other = a[row][first ? column + distance : column - distance];
                        double angle = sin[entries[row] * half + pair];
                        expected = expected * cos[entries[row] * half + pair] + (first ? -angle : angle) * other;
                    }
                    Samples.assertClose(y.get(row, column), expected, 1e-6, "row " + row + " column " + column);
                }
            }
        }
    }
}
