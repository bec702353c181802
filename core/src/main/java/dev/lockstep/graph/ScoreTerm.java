package dev.lockstep.graph;

import java.util.List;

/**
 * What is added to the scores of a query and a key beside their product. A distance is the query's position minus the
 * key's, both on the keys' axis: {@link RowAxis#indexOn}.
 */
public sealed interface ScoreTerm {

    /** slope[head] * -|distance|: ALiBi, arXiv 2108.12409. */
    record Alibi(List<Double> slopes) implements ScoreTerm {
        public Alibi {
            slopes = List.copyOf(slopes);
        }
    }

    /** factor * slope[head] * key position, slope and product rounded to bf16 each, as some checkpoints were trained. */
    record RoundedAlibi(List<Double> slopes, double factor) implements ScoreTerm {
        public RoundedAlibi {
            slopes = List.copyOf(slopes);
        }
    }

    /** A learned bias per bucket of distance and head, of a table [buckets, heads]: T5, section 2.1 of the paper. */
    record RelativeBuckets(int buckets, int maxDistance, boolean bidirectional) implements ScoreTerm {}

    /**
     * The product of a row's head and the same head of a row of a table, scaled as the product of query and key is. Operands:
     * the rows [heads * width], of the query's axis or the keys', and the table, on an axis of no sequence.
     *
     * @param side whose row it is
     * @param index which row of the table
     * @param firstApart whether the term is zero where query or key is the first row of its sequence
     */
    record Content(Side side, TableIndex index, boolean firstApart) implements ScoreTerm {}

    /** Whose row meets a row of a table. */
    enum Side {
        QUERY,
        KEY
    }

    /** Which row of a table a query and a key name. */
    sealed interface TableIndex {}

    /** The row of {@code unit} times the distance, of a table on an axis of {@link RowAxis.Kind#DISTANCES}. */
    record ByDistance(int unit) implements TableIndex {}

    /**
     * {@code clamp(bucket(distance) + span, 0, 2 * span - 1)}: DeBERTa, arXiv 2006.03654, with the buckets of its second
     * version. Distances up to half of {@code buckets} are buckets of their own, those beyond, up to {@code maxDistance}, share
     * them by the logarithm; with {@code buckets} 0 each distance is one.
     */
    record ByBucket(int span, int buckets, int maxDistance) implements TableIndex {
        /** The row of a distance. */
        public int row(int distance) {
            return Math.max(0, Math.min(bucket(distance) + span, 2 * span - 1));
        }

        private int bucket(int distance) {
            int middle = buckets / 2;
            int size = Math.abs(distance);
            if (buckets <= 0 || maxDistance <= 0 || size <= middle) {
                return distance;
            }
            // In fp32 as the checkpoints were trained: at the edges of a bucket the last bit decides.
            float share =
                    (float) Math.log((float) size / middle) / (float) Math.log((float) ((maxDistance - 1.0) / middle));
            int bucket = (int) Math.ceil(share * (middle - 1)) + middle;
            return distance < 0 ? -bucket : bucket;
        }
    }

    /** Row 1 where the token types of query and key are equal or one of them is {@code any}, else row 0. */
    record BySameType(int any) implements TableIndex {}
}
