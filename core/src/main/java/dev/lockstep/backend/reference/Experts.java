package dev.lockstep.backend.reference;

import dev.lockstep.backend.lowering.ExpertMaps;
import dev.lockstep.backend.lowering.Step;
import dev.lockstep.graph.Gating;
import dev.lockstep.graph.Op;

/** Computes the rank's experts of a mixture, one row at a time. */
final class Experts {
    private final Op.Experts op;
    private final float[] gate;
    private final float[] up;
    private final float[] down;
    private final float[] gateBias;
    private final float[] upBias;
    private final float[] downBias;
    private final int[] held;
    private final int inner;
    private final int hidden;
    private final int outputs;

    Experts(Step.Experts step, Weights weights) {
        ExpertMaps maps = step.maps();
        this.op = step.op();
        this.gate = weights.of(maps.gate());
        this.up = weights.of(maps.up());
        this.down = weights.of(maps.down());
        this.gateBias = weights.orNull(maps.gateBias());
        this.upBias = weights.orNull(maps.upBias());
        this.downBias = weights.orNull(maps.downBias());
        this.held = weights.held(maps.gate(), 0);
        this.inner = weights.size(maps.gate(), 1);
        this.hidden = weights.size(maps.gate(), 2);
        this.outputs = weights.size(maps.down(), 1);
    }

    /**
     * The sum over the experts.
     *
     * @param routing a weight for each expert, zero for those not chosen
     */
    float[] row(float[] x, float[] routing) {
        float[] sum = new float[outputs];
        for (int expert = 0; expert < held.length; expert++) {
            float weight = routing[held[expert]];
            // A rank without inner features has no share of an expert.
            if (weight != 0 && inner > 0) {
                add(expert, x, weight, sum);
            }
        }
        return sum;
    }

    private void add(int expert, float[] x, float weight, float[] sum) {
        float[] in = x.clone();
        for (int i = 0; i < in.length; i++) {
            in[i] *= op.weighsInput() ? weight : 1;
        }
        double[] joined = new double[inner];
        for (int i = 0; i < inner; i++) {
            int row = expert * inner + i;
            double g = dot(gate, row * hidden, in) + (gateBias == null ? 0 : gateBias[row]);
            double u = dot(up, row * hidden, in) + (upBias == null ? 0 : upBias[row]);
            joined[i] = join(g, u);
        }
        for (int o = 0; o < outputs; o++) {
            int row = expert * outputs + o;
            double product = downBias == null ? 0 : downBias[row];
            for (int i = 0; i < inner; i++) {
                product += down[row * inner + i] * joined[i];
            }
            sum[o] += (float) (product * (op.weighsInput() ? 1 : weight));
        }
    }

    private double join(double g, double u) {
        if (op.gating() instanceof Gating.Plain plain) {
            return Functions.activate(plain.function(), g) * u;
        }
        Gating.Clamped clamped = (Gating.Clamped) op.gating();
        double low = Math.min(g, clamped.limit());
        double held = Math.max(-clamped.limit(), Math.min(u, clamped.limit()));
        return (held + 1) * low * Functions.sigmoid(clamped.alpha() * low);
    }

    private static double dot(float[] matrix, int from, float[] x) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += (double) matrix[from + i] * x[i];
        }
        return sum;
    }
}
