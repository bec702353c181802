package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Before shuffle 1: puts the row's partition and its place in the partition in front of it, and spreads rows evenly over
 * the chunks. The place restores the order later; it holds within one attempt only, and is never an identity.
 *
 * @param types int and long, then those of the row's columns
 */
record ToChunks(DataType[] types, int chunks)
        implements Scala.SerializableFunction2<Object, Iterator<InternalRow>, Iterator<Tuple2<Object, InternalRow>>> {

    /** Partition and place. */
    static final int ADDED = 2;

    @Override
    public Iterator<Tuple2<Object, InternalRow>> apply(Object partition, Iterator<InternalRow> input) {
        java.util.Iterator<InternalRow> rows = CollectionConverters.asJava(input);
        ResultProjection projection = ResultProjection.from(0, types);
        GenericInternalRow added = new GenericInternalRow(ADDED);
        added.setInt(0, (Integer) partition);
        // Partitions begin at different chunks, lest all short ones fill the first.
        long start = (Integer) partition * 7919L;
        return CollectionConverters.asScala(new java.util.Iterator<Tuple2<Object, InternalRow>>() {
            private long place;

            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Tuple2<Object, InternalRow> next() {
                added.setLong(1, place);
                int chunk = (int) ((start + place++) % chunks);
                return new Tuple2<>(chunk, projection.join(added, rows.next()));
            }
        });
    }
}
