package dev.lockstep.backend.lowering;

import dev.lockstep.graph.Op;

/** Sines and cosines of positions: {@link Op.Sinusoids}. */
public final class SinusoidTable {
    private SinusoidTable() {}

    /**
     * A position's value in one feature, in fp32 as the references compute their tables.
     *
     * @param width features of the whole value
     */
    public static float at(Op.Sinusoids sinusoids, int width, int feature, int position) {
        int half = width / 2;
        if (feature >= 2 * half) {
            return 0;
        }
        float frequency = (float) Math.pow(10000, -sinusoids.step() * (feature % half));
        float angle = (position + sinusoids.offset()) * frequency;
        return (float) (feature < half ? Math.sin(angle) : Math.cos(angle));
    }
}
