package dev.lockstep.backend.cpu.kernel;

/** The non-linear functions that kernels apply per element. */
public enum Activation {
    NONE,
    /** max(x, 0). */
    RELU,
    /** x · Φ(x) with the exact normal distribution, by erf. */
    GELU,
    /** GELU's approximation by tanh (Hendrycks and Gimpel, arXiv 1606.08415). */
    GELU_TANH,
    /** x · sigmoid(x), also named swish. */
    SILU,
    TANH,
    SIGMOID,
    /** x · sigmoid(1.702 x). */
    QUICK_GELU,
    /** max(x, 0)². */
    RELU_SQUARED
}
