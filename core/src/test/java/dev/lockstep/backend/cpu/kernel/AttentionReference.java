package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Bf16;

/** Attention as the formula says, in double precision, for one query and head. */
final class AttentionReference {

    /** A slope that bf16 holds exactly, though not its products with positions. */
    static final float ROUNDED_SLOPE = 0.01171875f;

    static final double ROUNDED_FACTOR = 0.25;

    private AttentionReference() {}

    interface Row {
        double at(int key, int column);
    }

    /**
     * The output of a query.
     *
     * @param hidden keys at the start that the query does not see
     * @param table relative bias [buckets][heads], with the bucket of each distance, or null
     */
    static double[] attend(
            AttentionSpec spec,
            int head,
            int position,
            int keys,
            double[] query,
            Row k,
            Row v,
            double[][] table,
            int[] buckets,
            int zero,
            int hidden) {
        double[] scores = new double[keys];
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < keys; j++) {
            boolean seen = (long) j >= (long) position - spec.left() && (long) j <= (long) position + spec.right();
            seen &= spec.chunk() == 0 || j / spec.chunk() == position / spec.chunk();
            seen &= j >= hidden;
            double score = 0;
            for (int d = 0; d < query.length; d++) {
                score += query[d] * k.at(j, d);
            }
            score *= spec.scale();
            if (spec.softCap() > 0) {
                score = spec.softCap() * Math.tanh(score / spec.softCap());
            }
            if (spec.alibiSlopes() != null) {
                score -= spec.alibiSlopes()[head] * Math.abs(j - position);
            }
            if (table != null) {
                int distance = Math.max(0, Math.min(buckets.length - 1, j - position + zero));
                score += table[buckets[distance]][head];
            }
            if (spec.extra() != null) {
                score += ROUNDED_FACTOR * Bf16.toFloat(Bf16.fromFloat(j * ROUNDED_SLOPE));
            }
            scores[j] = seen ? score : Double.NEGATIVE_INFINITY;
            max = Math.max(max, scores[j]);
        }
        double[] out = new double[spec.valueWidth()];
        if (max == Double.NEGATIVE_INFINITY) {
            return out;
        }
        double sum = spec.sinks() == null ? 0 : Math.exp(spec.sinks()[head] - max);
        for (int j = 0; j < keys; j++) {
            sum += Math.exp(scores[j] - max);
        }
        for (int j = 0; j < keys; j++) {
            double weight = Math.exp(scores[j] - max) / sum;
            for (int c = 0; c < out.length && weight > 0; c++) {
                out[c] += weight * v.at(j, c);
            }
        }
        return out;
    }
}
