package dev.lockstep.backend.cpu.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.Samples;
import dev.lockstep.backend.cpu.memory.Bf16;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.cpu.program.CpuDevice;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class GemmTest {

    private static final int[][] SHAPES = {
        {64, 64}, {1, 1}, {17, 5}, {100, 33}, {129, 77}, {300, 256}, {16, 1000}, {3, 31}, {0, 8}, {8, 0}
    };
    private static final int[] ROWS = {1, 2, 3, 7, 8, 16, 33, 64, 65, 130, 0};

    static Stream<Arguments> cases() {
        return new CpuDevice().precisions().stream().flatMap(precision -> Stream.of(1, 2, 3)
                .map(threads -> Arguments.of(precision, threads)));
    }

    /** Sixteen bits of an activation at least: what two bf16 numbers hold together. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void inTwoPartsActivationsKeepSixteenBits(int threads) {
        for (GemmEngine engine : List.of(new JavaGemm(Memory.UNCOUNTED), GemmEngines.open(Memory.UNCOUNTED))) {
            try (engine;
                    Workers workers = new Workers(threads)) {
                for (int[] shape : SHAPES) {
                    checkTwoParts(engine, workers, shape[0], shape[1]);
                }
            }
        }
    }

    private static void checkTwoParts(GemmEngine engine, Workers workers, int outputs, int inputs) {
        try (Samples samples = new Samples(outputs * 1000L + inputs)) {
            float[] weight = samples.array(outputs * inputs);
            float[] bias = samples.array(outputs);
            PanelSource source = (from, to, target) -> target.put(weight, from * inputs, (to - from) * inputs);
            try (PackedWeight packed = engine.pack(
                    outputs, inputs, source, Precision.BF16, () -> Rounding.TWO_PARTS, bias, workers, 130)) {
                Matrix x = samples.matrix(130, inputs);
                Matrix y = samples.matrix(130, outputs);
                for (int rows : ROWS) {
                    packed.multiply(workers, x, rows, y, Activation.RELU);
                    packed.multiplyAdd(workers, x, rows, y);
                    for (int r = 0; r < rows; r++) {
                        for (int c = 0; c < outputs; c++) {
                            double sum = bias[c];
                            double magnitudes = 0;
                            for (int i = 0; i < inputs; i++) {
                                double product = x.get(r, i) * stored(weight[c * inputs + i], Precision.BF16);
                                sum += product;
                                magnitudes += Math.abs(product);
                            }
                            String what = engine.name() + " " + rows + "x" + inputs + "x" + outputs;
                            double tolerance = 3e-6 * Math.sqrt(inputs) + 1e-6 + magnitudes * 0x1p-16;
                            Samples.assertClose(y.get(r, c), Math.max(0, sum) + sum, tolerance, what);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void matchesPlainLoops(Precision precision, int threads) {
        for (GemmEngine engine : List.of(new JavaGemm(Memory.UNCOUNTED), GemmEngines.open(Memory.UNCOUNTED))) {
            try (engine;
                    Workers workers = new Workers(threads)) {
                for (int[] shape : SHAPES) {
                    check(engine, workers, shape[0], shape[1], precision);
                }
            }
        }
    }

    private static void check(GemmEngine engine, Workers workers, int outputs, int inputs, Precision precision) {
        try (Samples samples = new Samples(outputs * 1000L + inputs)) {
            float[] weight = samples.array(outputs * inputs);
            float[] bias = samples.array(outputs);
            PanelSource source = (from, to, target) -> target.put(weight, from * inputs, (to - from) * inputs);
            try (PackedWeight plain = engine.pack(outputs, inputs, source, precision, null, workers, 130);
                    PackedWeight biased = engine.pack(outputs, inputs, source, precision, bias, workers, 130)) {
                Matrix x = samples.matrix(130, inputs);
                Matrix y = samples.matrix(130, outputs);
                double[][] product = product(x, weight, 130, outputs, inputs, precision);
                double tolerance = 2e-6 * Math.sqrt(inputs) + 1e-6;
                for (int rows : ROWS) {
                    String what = engine.name() + " " + precision + " " + rows + "x" + inputs + "x" + outputs;
                    Matrix untouched = new Matrix(y.slab(), y.at(rows, 0), y.rowStride());
                    float[][] before = Samples.values(untouched, 130 - rows, outputs);
                    plain.multiply(workers, x, rows, y, Activation.NONE);
                    for (int r = 0; r < rows; r++) {
                        for (int c = 0; c < outputs; c++) {
                            Samples.assertClose(y.get(r, c), product[r][c], tolerance, what);
                        }
                    }
                    biased.multiplyAdd(workers, x, rows, y);
                    for (int r = 0; r < rows; r++) {
                        for (int c = 0; c < outputs; c++) {
                            Samples.assertClose(y.get(r, c), 2 * product[r][c] + bias[c], 3 * tolerance, what);
                        }
                    }
                    assertThat(Samples.values(untouched, 130 - rows, outputs))
                            .as(what)
                            .isDeepEqualTo(before);
                }
                for (Activation activation : Activation.values()) {
                    checkActivation(biased, workers, x, y, product, bias, activation, engine.name());
                }
                checkRows(samples, biased, weight, precision);
            }
        }
    }

    private static void checkActivation(
            PackedWeight weight,
            Workers workers,
            Matrix x,
            Matrix y,
            double[][] product,
            float[] bias,
            Activation activation,
            String name) {
        weight.multiply(workers, x, 7, y, activation);
        for (int r = 0; r < 7; r++) {
            for (int c = 0; c < weight.outputs(); c++) {
                double z = product[r][c] + bias[c];
                double expected =
                        switch (activation) {
                            case NONE -> z;
                            case RELU -> Math.max(0, z);
                            case GELU -> z * 0.5 * (1 + erf(z / Math.sqrt(2)));
                            case GELU_TANH ->
                                z / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z * z * z)));
                            case SILU -> z / (1 + Math.exp(-z));
                            case TANH -> Math.tanh(z);
                            case SIGMOID -> 1 / (1 + Math.exp(-z));
                            case QUICK_GELU -> z / (1 + Math.exp(-1.702 * z));
                            case RELU_SQUARED -> Math.max(0, z) * Math.max(0, z);
                        };
                Samples.assertClose(
                        y.get(r, c), expected, 4e-5, name + " " + activation + " " + r + " " + c + " of " + z);
            }
        }
    }

    private static void checkRows(Samples samples, PackedWeight weight, float[] values, Precision precision) {
        int inputs = weight.inputs();
        float[] held = held(values, inputs, precision);
        Matrix row = samples.matrix(1, inputs);
        for (int output = 0; output < weight.outputs(); output++) {
            weight.row(output, row.slab(), row.at(0, 0));
            for (int i = 0; i < inputs; i++) {
                Samples.assertClose(row.get(0, i), held[output * inputs + i], 0, "row " + output);
            }
        }
    }

    static double[][] product(Matrix x, float[] weight, int rows, int outputs, int inputs, Precision precision) {
        float[] held = held(weight, inputs, precision);
        double[][] product = new double[rows][outputs];
        for (int r = 0; r < rows; r++) {
            double[] activations = activations(x, r, inputs, precision);
            for (int o = 0; o < outputs; o++) {
                double sum = 0;
                for (int i = 0; i < inputs; i++) {
                    sum += activations[i] * held[o * inputs + i];
                }
                product[r][o] = sum;
            }
        }
        return product;
    }

    /** A weight as a precision holds it. */
    private static float[] held(float[] weight, int inputs, Precision precision) {
        float[] held = new float[weight.length];
        for (int from = 0; from < weight.length; from += inputs) {
            float largest = 0;
            for (int i = from; i < from + inputs; i++) {
                largest = Math.max(largest, Math.abs(weight[i]));
            }
            for (int i = from; i < from + inputs; i++) {
                held[i] = precision == Precision.INT8
                        ? (float) Math.rint(weight[i] * (127 / largest)) * (largest / 127)
                        : stored(weight[i], precision);
            }
        }
        return held;
    }

    /** A row of activations as a product with such a weight takes it. */
    private static double[] activations(Matrix x, int row, int inputs, Precision precision) {
        float low = 0;
        float high = 0;
        for (int i = 0; i < inputs; i++) {
            low = Math.min(low, x.get(row, i));
            high = Math.max(high, x.get(row, i));
        }
        float steps = 255 / (high - low);
        float zero = (float) Math.rint(-low * steps);
        double[] activations = new double[inputs];
        for (int i = 0; i < inputs; i++) {
            float value = x.get(row, i);
            activations[i] = precision == Precision.INT8
                    ? (Math.max(0, Math.min(255, Math.rint(Math.fma(value, steps, zero)))) - zero)
                            * ((high - low) / 255)
                    : stored(value, precision);
        }
        return activations;
    }

    private static float stored(float value, Precision precision) {
        return precision == Precision.FP32 ? value : Bf16.toFloat(Bf16.fromFloat(value));
    }

    /** What is not a number must not become one. */
    @ParameterizedTest
    @EnumSource(value = Precision.class, mode = EnumSource.Mode.EXCLUDE, names = "FP16")
    void rowsThatAreNotFiniteYieldNoNumbers(Precision precision) {
        for (GemmEngine engine : List.of(new JavaGemm(Memory.UNCOUNTED), GemmEngines.open(Memory.UNCOUNTED))) {
            try (engine;
                    Workers workers = new Workers(2);
                    Samples samples = new Samples(5)) {
                float[] weight = samples.array(80 * 40);
                PanelSource source = (from, to, target) -> target.put(weight, from * 40, (to - from) * 40);
                try (PackedWeight packed = engine.pack(80, 40, source, precision, null, workers, 3)) {
                    Matrix x = samples.matrix(3, 40);
                    Matrix y = samples.matrix(3, 80);
                    x.set(1, 7, Float.NaN);
                    packed.multiply(workers, x, 3, y, Activation.NONE);
                    for (int c = 0; c < 80; c++) {
                        assertThat(y.get(0, c)).isFinite();
                        assertThat(y.get(1, c)).isNaN();
                        assertThat(y.get(2, c)).isFinite();
                    }
                }
            }
        }
    }

    /** erf by Simpson's rule. */
    private static double erf(double x) {
        double end = Math.max(-6, Math.min(6, x));
        int steps = 200;
        double h = end / steps;
        double sum = 1 + Math.exp(-end * end);
        for (int i = 1; i < steps; i++) {
            sum += (i % 2 == 0 ? 2 : 4) * Math.exp(-(i * h) * (i * h));
        }
        return 2 / Math.sqrt(Math.PI) * sum * h / 3;
    }
}
