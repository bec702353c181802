package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random matrices and arrays for tests; closes the slabs it made. */
public final class Samples implements AutoCloseable {

    private final Random random;
    private final List<Slab> slabs = new ArrayList<>();

    public Samples(long seed) {
        this.random = new Random(seed);
    }

    public Random random() {
        return random;
    }

    /** A plain matrix of normal values, with a gap between rows. */
    public Matrix matrix(int rows, int width) {
        return fill(new Matrix(slab((long) rows * (width + 3) + 5), 5, width + 3), rows, width);
    }

    /** A matrix whose columns come in runs of {@code inner}, with {@code gap} floats between runs. */
    public Matrix matrix(int rows, int width, int inner, int gap) {
        int runs = (width + inner - 1) / inner;
        int stride = runs * (inner + gap);
        return fill(new Matrix(slab((long) rows * stride + 7), 7, stride, inner, inner + gap), rows, width);
    }

    private Matrix fill(Matrix matrix, int rows, int width) {
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < width; column++) {
                matrix.set(row, column, (float) random.nextGaussian());
            }
        }
        return matrix;
    }

    public float[] array(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    public Slab slab(long floats) {
        Slab slab = Memory.UNCOUNTED.floats(floats, "test");
        slabs.add(slab);
        return slab;
    }

    /** The values of a matrix, [row][column]. */
    public static float[][] values(Matrix matrix, int rows, int width) {
        float[][] values = new float[rows][width];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < width; column++) {
                values[row][column] = matrix.get(row, column);
            }
        }
        return values;
    }

    /** Asserts equality up to a relative tolerance, with a floor of the same size for values below 1. */
    public static void assertClose(float actual, double expected, double tolerance, String what) {
        double error = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
        assertThat(error)
                .as("%s: expected %s, found %s", what, expected, actual)
                .isLessThanOrEqualTo(tolerance);
    }

    @Override
    public void close() {
        slabs.forEach(Slab::close);
    }
}
