package dev.lockstep.graph;

import java.util.List;

/**
 * A term that is added to the attention scores, beside the product of query and key. A distance is the query's position
 * minus the key's, both on the keys' axis: {@link RowAxis#indexOn}.
 */
public sealed interface ScoreTerm {

    /** slope[head] * -|distance|: ALiBi, arXiv 2108.12409. */
    record Alibi(List<Double> slopes) implements ScoreTerm {
        public Alibi {
            slopes = List.copyOf(slopes);
        }
    }

    /**
     * factor * slope[head] * key position, with slope and product each rounded to bf16, as some checkpoints were
     * trained.
     */
    record RoundedAlibi(List<Double> slopes, double factor) implements ScoreTerm {
        public RoundedAlibi {
            slopes = List.copyOf(slopes);
        }
    }

    /** A learned bias per head and bucket of distance, from a table [buckets, heads]: T5, section 2.1 of the paper. */
    record RelativeBuckets(int buckets, int maxDistance, boolean bidirectional) implements ScoreTerm {}

    /**
     * The product of a row's head and the same head of a table row, scaled like the product of query and key. Operands:
     * the rows [heads * width], on the query's axis or the keys', and the table, on an axis that belongs to no
     * sequence.
     *
     * @param side whether the row is the query's or the key's
     * @param index which row of the table
     * @param firstApart whether the term is zero if the query or the key is the first row of its sequence
     */
    record Content(Side side, TableIndex index, boolean firstApart) implements ScoreTerm {}

    /** The side whose row is multiplied by a table row. */
    enum Side {
        QUERY,
        KEY
    }

    /** The table row for a query and a key. */
    sealed interface TableIndex {}

    /** The row {@code unit} times the distance, in a table on an axis of {@link RowAxis.Kind#DISTANCES}. */
    record ByDistance(int unit) implements TableIndex {}

    /**
     * The row {@code clamp(bucket(distance) + span, 0, 2 * span - 1)}: DeBERTa, arXiv 2006.03654, with the buckets of
     * its second version. Each distance up to half of {@code buckets} has its own bucket. Distances beyond that, up to
     * {@code maxDistance}, share buckets on a logarithmic scale. With {@code buckets} 0, each distance has its own
     * bucket.
     */
    record ByBucket(int span, int buckets, int maxDistance) implements TableIndex {
        /** The row for a distance. */
        public int row(int distance) {
            return Math.max(0, Math.min(bucket(distance) + span, 2 * span - 1));
        }

        private int bucket(int distance) {
            int middle = buckets / 2;
            int size = Math.abs(distance);
            if (buckets <= 0 || maxDistance <= 0 || size <= middle) {
                return distance;
            }
            // In fp32, as the checkpoints were trained: at the edge of a bucket the last bit decides.
            float share =
                    (float) Math.log((float) size / middle) / (float) Math.log((float) ((maxDistance - 1.0) / middle));
            int bucket = (int) Math.ceil(share * (middle - 1)) + middle;
            return distance < 0 ? -bucket : bucket;
        }
    }

    /** Row 1 if the token types of query and key are equal or one of them is {@code any}, else row 0. */
    record BySameType(int any) implements TableIndex {}
}
