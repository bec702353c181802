package dev.lockstep.backend.lowering;

import dev.lockstep.graph.ScoreTerm;

/** Buckets of distances between key and query: exact up to half of them, then logarithmic (T5, section 2.1). */
public final class DistanceBuckets {
    private DistanceBuckets() {}

    /** @param distance key position minus query position */
    public static int of(int distance, ScoreTerm.RelativeBuckets relative) {
        int buckets = relative.buckets();
        int base = 0;
        int apart = Math.max(-distance, 0);
        if (relative.bidirectional()) {
            buckets /= 2;
            base = distance > 0 ? buckets : 0;
            apart = Math.abs(distance);
        }
        int exact = buckets / 2;
        if (apart < exact) {
            return base + apart;
        }
        // In fp32, step by step, like the reference: rounding must not move the edge of a bucket.
        float share =
                (float) Math.log((float) apart / exact) / (float) Math.log((double) relative.maxDistance() / exact);
        return base + Math.min(exact + (int) (share * (buckets - exact)), buckets - 1);
    }
}
