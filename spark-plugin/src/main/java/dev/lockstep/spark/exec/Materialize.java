package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Keeps rows as the output of a shuffle that moves none, so that a second job over them reads files instead of running
 * inference again. Partitions and order stay.
 */
final class Materialize {
    private Materialize() {}

    /** @param types of the rows' columns */
    static RDD<InternalRow> keep(RDD<InternalRow> rows, List<DataType> types) {
        RDD<Tuple2<Object, InternalRow>> keyed =
                rows.mapPartitionsWithIndex(new InPlace(types), false, Shuffles.pairTag());
        return new RestoredRows(
                rows,
                List.of(Shuffles.byNumber(keyed, rows.getNumPartitions(), Head.COLUMNS + types.size())),
                types,
                1);
    }

    /** Sends each row to its own partition, and the partition's census behind them. */
    private record InPlace(List<DataType> types)
            implements Scala.SerializableFunction2<
                    Object,
                    scala.collection.Iterator<InternalRow>,
                    scala.collection.Iterator<Tuple2<Object, InternalRow>>> {
        @Override
        public scala.collection.Iterator<Tuple2<Object, InternalRow>> apply(
                Object partition, scala.collection.Iterator<InternalRow> input) {
            // Written and read as one block, so the order of one attempt is all there is.
            Numbering numbered = new Numbering((Integer) partition, CollectionConverters.asJava(input), types, true);
            return CollectionConverters.asScala(
                    new NumberedRecords(numbered, numbered, any -> (Integer) partition, null, 1));
        }
    }
}
