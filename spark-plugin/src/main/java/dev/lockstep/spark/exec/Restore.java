package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.UnsafeExternalRowSorter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.util.collection.unsafe.sort.PrefixComparators;
import org.apache.spark.util.collection.unsafe.sort.RecordComparator;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * After shuffle 2: the rows of one original partition in their original order, by Spark's external sorter, so that
 * memory stays flat. A record of a failure sorts before all rows, and is thrown.
 *
 * @param types long (place) and string (failure), then those of the row's columns
 */
record Restore(DataType[] types)
        implements Scala.SerializableFunction2<Object, Iterator<Tuple2<Object, InternalRow>>, Iterator<InternalRow>> {

    /** Place and failure. */
    static final int ADDED = 2;

    static final int FAILURE_COLUMN = 1;
    static final long FAILURE_PLACE = -1;

    @Override
    public Iterator<InternalRow> apply(Object partition, Iterator<Tuple2<Object, InternalRow>> pairs) {
        java.util.Iterator<Tuple2<Object, InternalRow>> input = CollectionConverters.asJava(pairs);
        Iterator<UnsafeRow> rows = CollectionConverters.asScala(new java.util.Iterator<UnsafeRow>() {
            @Override
            public boolean hasNext() {
                return input.hasNext();
            }

            @Override
            public UnsafeRow next() {
                return (UnsafeRow) input.next()._2();
            }
        });
        java.util.Iterator<InternalRow> sorted = CollectionConverters.asJava(sort(rows));
        ResultProjection projection = ResultProjection.from(ADDED, types);
        InternalRow nothing = new GenericInternalRow(0);
        return CollectionConverters.asScala(new java.util.Iterator<InternalRow>() {
            @Override
            public boolean hasNext() {
                return sorted.hasNext();
            }

            @Override
            public InternalRow next() {
                InternalRow row = sorted.next();
                if (row.getLong(0) == FAILURE_PLACE) {
                    throw new InferenceException(
                            row.getUTF8String(FAILURE_COLUMN).toString());
                }
                return projection.join(row, nothing);
            }
        });
    }

    private Iterator<InternalRow> sort(Iterator<UnsafeRow> rows) {
        StructType schema = new StructType();
        for (int i = 0; i < types.length; i++) {
            schema = schema.add("column" + i, types[i], true);
        }
        UnsafeExternalRowSorter.PrefixComputer place = new UnsafeExternalRowSorter.PrefixComputer() {
            private final Prefix prefix = new Prefix();

            @Override
            public Prefix computePrefix(InternalRow row) {
                prefix.value = row.getLong(0);
                prefix.isNull = false;
                return prefix;
            }
        };
        try {
            return UnsafeExternalRowSorter.createWithRecordComparator(
                            schema,
                            () -> new ByPlace(types.length),
                            PrefixComparators.LONG,
                            place,
                            SparkEnv.get().memoryManager().pageSizeBytes(),
                            true)
                    .sort(rows);
        } catch (IOException e) {
            throw new UncheckedIOException("sorting results back into their order failed: " + e.getMessage(), e);
        }
    }

    /** The prefix is the whole key; this decides only between equal ones. */
    private static final class ByPlace extends RecordComparator {
        private final int nullBits;

        ByPlace(int columns) {
            this.nullBits = UnsafeRow.calculateBitSetWidthInBytes(columns);
        }

        @Override
        public int compare(
                Object left, long leftOffset, int leftLength, Object right, long rightOffset, int rightLength) {
            return Long.compare(
                    Platform.getLong(left, leftOffset + nullBits), Platform.getLong(right, rightOffset + nullBits));
        }
    }
}
