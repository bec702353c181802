package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Keeps rows as the output of a shuffle that moves none, so that a second job over them reads files instead of running
 * inference again. Partitions and order stay.
 */
final class Materialize {
    private Materialize() {}

    /** @param types of the rows' columns */
    static RDD<InternalRow> keep(RDD<InternalRow> rows, List<DataType> types) {
        List<DataType> kept = new ArrayList<>(List.of(DataTypes.LongType, DataTypes.StringType));
        kept.addAll(types);
        DataType[] record = kept.toArray(DataType[]::new);
        RDD<Tuple2<Object, InternalRow>> keyed =
                rows.mapPartitionsWithIndex(new InPlace(record), false, Shuffles.pairTag());
        return Shuffles.byNumber(keyed, rows.getNumPartitions(), record.length)
                .mapPartitionsWithIndex(new Restore(record), false, Scala.tag(InternalRow.class));
    }

    /** Sends each row to its own partition, with its place in front. */
    private record InPlace(DataType[] types)
            implements Scala.SerializableFunction2<
                    Object, Iterator<InternalRow>, Iterator<Tuple2<Object, InternalRow>>> {
        @Override
        public Iterator<Tuple2<Object, InternalRow>> apply(Object partition, Iterator<InternalRow> input) {
            java.util.Iterator<InternalRow> rows = CollectionConverters.asJava(input);
            ResultProjection projection = ResultProjection.from(0, types);
            Numbered head = new Numbered();
            return CollectionConverters.asScala(new java.util.Iterator<Tuple2<Object, InternalRow>>() {
                @Override
                public boolean hasNext() {
                    return rows.hasNext();
                }

                @Override
                public Tuple2<Object, InternalRow> next() {
                    return new Tuple2<>(partition, projection.join(head.next(), rows.next()));
                }
            });
        }
    }
}
