package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.Step;
import dev.lockstep.graph.SequenceBody;
import java.util.ArrayList;
import java.util.List;

/** Computes the matrices of a {@link SequenceBody} for one sequence and head. */
final class LocalMatrices {
    private final Step.PerSequence step;
    private final StepValues values;
    private final int from;
    private final int rows;
    private final int head;
    private final List<double[][]> made = new ArrayList<>();

    /** @param from the index of the sequence's first row in the step */
    LocalMatrices(Step.PerSequence step, StepValues values, int from, int rows, int head) {
        this.step = step;
        this.values = values;
        this.from = from;
        this.rows = rows;
        this.head = head;
    }

    double[][] result() {
        for (SequenceBody.Local value : step.body().values()) {
            made.add(value(value));
        }
        return made.get(made.size() - 1);
    }

    private double[][] value(SequenceBody.Local value) {
        if (value instanceof SequenceBody.Input input) {
            return input(input);
        }
        if (value instanceof SequenceBody.Fourier fourier) {
            return fourier(fourier);
        }
        if (value instanceof SequenceBody.Product product) {
            return product(made.get(product.left()), made.get(product.right()), product.transposed());
        }
        if (value instanceof SequenceBody.Sum sum) {
            return sum(sum);
        }
        return softmax((SequenceBody.Softmax) value);
    }

    private double[][] input(SequenceBody.Input input) {
        double[][] matrix = new double[rows][input.width()];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < input.width(); column++) {
                int at = head * input.width() + column;
                matrix[row][column] = values.get(step.inputs().get(input.number()), from + row, at);
            }
        }
        return matrix;
    }

    private double[][] fourier(SequenceBody.Fourier fourier) {
        int extent = fourier.extent() == SequenceBody.ROWS ? rows : fourier.extent();
        double[][] matrix = new double[extent][extent];
        for (int j = 0; j < extent; j++) {
            for (int k = 0; k < extent; k++) {
                double angle = 2 * Math.PI * ((long) j * k % extent) / extent;
                matrix[j][k] = fourier.sines() ? Math.sin(angle) : Math.cos(angle);
            }
        }
        return matrix;
    }

    private static double[][] product(double[][] left, double[][] right, boolean transposed) {
        int columns = transposed ? right.length : right.length == 0 ? 0 : right[0].length;
        double[][] matrix = new double[left.length][columns];
        for (int row = 0; row < left.length; row++) {
            for (int column = 0; column < columns; column++) {
                for (int i = 0; i < left[row].length; i++) {
                    matrix[row][column] += left[row][i] * (transposed ? right[column][i] : right[i][column]);
                }
            }
        }
        return matrix;
    }

    private double[][] sum(SequenceBody.Sum sum) {
        double[][] left = made.get(sum.left());
        double[][] right = made.get(sum.right());
        double[][] matrix = new double[left.length][];
        for (int row = 0; row < left.length; row++) {
            matrix[row] = new double[left[row].length];
            for (int column = 0; column < matrix[row].length; column++) {
                matrix[row][column] = sum.leftFactor() * left[row][column] + sum.rightFactor() * right[row][column];
            }
        }
        return matrix;
    }

    private double[][] softmax(SequenceBody.Softmax softmax) {
        double[][] of = made.get(softmax.of());
        double[][] matrix = new double[of.length][];
        for (int row = 0; row < of.length; row++) {
            matrix[row] = new double[of[row].length];
            double most = Double.NEGATIVE_INFINITY;
            for (double value : of[row]) {
                most = Math.max(most, softmax.scale() * value);
            }
            double mass = 0;
            for (int column = 0; column < matrix[row].length; column++) {
                matrix[row][column] = Math.exp(softmax.scale() * of[row][column] - most);
                mass += matrix[row][column];
            }
            for (int column = 0; column < matrix[row].length; column++) {
                matrix[row][column] /= mass;
            }
        }
        return matrix;
    }
}
