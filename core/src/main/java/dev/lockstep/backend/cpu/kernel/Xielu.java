package dev.lockstep.backend.cpu.kernel;

/**
 * The curve of an expanded integral of ELU: {@code (positive x + linear) x} above zero, {@code negative (exp(min(x, bound))
 * - 1 - x) + linear x} below.
 */
public record Xielu(float positive, float negative, float linear, float bound) {

    /** @param learned p and n, whose softplus the curve has (n's on top of the linear term), the linear term, the bound */
    public static Xielu of(float[] learned) {
        return new Xielu(
                (float) softplus(learned[0]), (float) (learned[2] + softplus(learned[1])), learned[2], learned[3]);
    }

    private static double softplus(double x) {
        return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    }

    float at(float x) {
        return x > 0
                ? (positive * x + linear) * x
                : (float) (negative * (Math.expm1(Math.min(x, bound)) - x) + linear * x);
    }
}
