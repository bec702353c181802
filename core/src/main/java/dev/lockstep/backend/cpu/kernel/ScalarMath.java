package dev.lockstep.backend.cpu.kernel;

/** The functions of {@link Activation}, one value at a time: tails of vector loops and the scalar fallback. */
final class ScalarMath {

    /** erfc(z) = exp(-z²) t P(t) with t = 1 / (1 + 0.45 z), z ≥ 0: relative error 4e-8, interpolated at Chebyshev nodes. */
    static final float ERFC_P = 0.45f;

    static final float[] ERFC = {
        0.2538854151f,
        0.2538777239f,
        0.2283709421f,
        0.1744181337f,
        0.12374105f,
        -0.03244468638f,
        0.1585692402f,
        -0.3159406948f,
        0.1986476866f,
        -0.04312483952f
    };

    private static final double SQRT_HALF = Math.sqrt(0.5);
    private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

    private ScalarMath() {}

    static float apply(Activation activation, float x) {
        switch (activation) {
            case NONE:
                return x;
            case RELU:
                return Math.max(x, 0f);
            case GELU:
                return gelu(x);
            case GELU_TANH:
                return (float) (x * sigmoid(2 * SQRT_2_OVER_PI * (x + 0.044715 * x * x * x)));
            case SILU:
                return (float) (x * sigmoid(x));
            case TANH:
                return (float) Math.tanh(x);
            case SIGMOID:
                return (float) sigmoid(x);
            case QUICK_GELU:
                return (float) (x * sigmoid(1.702 * x));
            case RELU_SQUARED:
                float positive = Math.max(x, 0f);
                return positive * positive;
        }
        throw new IllegalArgumentException("no such activation: " + activation);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static float gelu(float x) {
        double z = Math.abs(x) * SQRT_HALF;
        double t = 1 / (1 + ERFC_P * z);
        double p = 0;
        for (int i = ERFC.length - 1; i >= 0; i--) {
            p = p * t + ERFC[i];
        }
        double upperTail = 0.5 * Math.exp(-z * z) * t * p; // Φ(-|x|), without cancellation
        return (float) (x * (x < 0 ? upperTail : 1 - upperTail));
    }
}
