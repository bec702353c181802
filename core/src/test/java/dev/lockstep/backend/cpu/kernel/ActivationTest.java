package dev.lockstep.backend.cpu.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationTest {

    private static final int POINTS = 4001;

    @ParameterizedTest
    @EnumSource(Activation.class)
    void isWithinTwoMillionthsOfTheExactFunction(Activation activation) {
        try (Slab x = Memory.UNCOUNTED.floats(POINTS, "test");
                Slab y = Memory.UNCOUNTED.floats(POINTS, "test")) {
            for (int i = 0; i < POINTS; i++) {
                x.set(i, (i - POINTS / 2) * 0.00637f);
            }
            for (RowMath math : new RowMath[] {new ScalarRowMath(), RowMath.best()}) {
                math.activate(activation, x, 0, y, 0, POINTS);
                for (int i = 0; i < POINTS; i++) {
                    double expected = exact(activation, x.get(i));
                    // Values below 1e-6 count as zero: rounding the argument of exp shows there.
                    double error = Math.abs(y.get(i) - expected) / Math.max(1e-6, Math.abs(expected));
                    assertThat(error)
                            .as("%s(%s) is %s, found %s", activation, x.get(i), expected, y.get(i))
                            .isLessThan(2e-6);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void isFiniteAtTheEnds(Activation activation) {
        float[] ends = {-1e4f, -100f, -88.5f, -0f, 0f, 88.5f, 100f, 1e4f};
        try (Slab x = Memory.UNCOUNTED.floats(16, "test")) {
            for (RowMath math : new RowMath[] {new ScalarRowMath(), RowMath.best()}) {
                x.put(0, ends, 0, ends.length);
                x.put(8, ends, 0, ends.length);
                math.activate(activation, x, 0, x, 0, 16);
                for (int i = 0; i < 16; i++) {
                    double expected = exact(activation, ends[i % 8]);
                    Samples.assertClose(x.get(i), expected, 2e-6, activation + "(" + ends[i % 8] + ")");
                }
            }
        }
    }

    private static double exact(Activation activation, double x) {
        return switch (activation) {
            case NONE -> x;
            case RELU -> Math.max(x, 0);
            case GELU -> x * normal(x);
            case GELU_TANH -> {
                double u = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
                yield x / (1 + Math.exp(-2 * u));
            }
            case SILU -> x / (1 + Math.exp(-x));
            case TANH -> Math.tanh(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
            case RELU_SQUARED -> Math.max(x, 0) * Math.max(x, 0);
        };
    }

    /** The normal distribution: by its series near 0, by Laplace's continued fraction in the tails. */
    private static double normal(double x) {
        double z = Math.abs(x);
        double density = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        double upper;
        if (z < 3) {
            BigDecimal term = new BigDecimal(z);
            BigDecimal sum = term;
            BigDecimal square = new BigDecimal(z).pow(2);
            for (int k = 1; k < 80; k++) {
                term = term.multiply(square).divide(BigDecimal.valueOf(2L * k + 1), MathContext.DECIMAL128);
                sum = sum.add(term, MathContext.DECIMAL128);
            }
            upper = 0.5 - density * sum.doubleValue();
        } else {
            double fraction = 0;
            for (int k = 200; k > 0; k--) {
                fraction = k / (z + fraction);
            }
            upper = density / (z + fraction);
        }
        return x < 0 ? upper : 1 - upper;
    }
}
