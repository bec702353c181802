package dev.lockstep.backend.reference;

import dev.lockstep.graph.ActivationFunction;

/** Element-wise functions in double precision. */
final class Functions {
    private Functions() {}

    static double activate(ActivationFunction function, double x) {
        return switch (function) {
            case RELU -> Math.max(x, 0);
            case GELU -> x * 0.5 * (1 + erf(x / Math.sqrt(2)));
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case SILU -> x * sigmoid(x);
            case TANH -> Math.tanh(x);
            case SIGMOID -> sigmoid(x);
            case QUICK_GELU -> x * sigmoid(1.702 * x);
            case RELU_SQUARED -> Math.max(x, 0) * Math.max(x, 0);
            case IDENTITY -> x;
        };
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    /**
     * The error function, by its Maclaurin series. For magnitudes beyond 5, where it is plus or minus 1 to 12 digits,
     * returns that limit.
     */
    static double erf(double x) {
        if (Math.abs(x) > 5) {
            return Math.signum(x);
        }
        double term = x;
        double sum = x;
        for (int n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
            term *= -x * x / n;
            sum += term / (2 * n + 1);
        }
        return 2 / Math.sqrt(Math.PI) * sum;
    }
}
