package dev.lockstep.spark.exec;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.UnsafeExternalRowSorter;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.Platform;
import org.apache.spark.util.collection.unsafe.sort.PrefixComparators;
import org.apache.spark.util.collection.unsafe.sort.RecordComparator;
import scala.jdk.javaapi.CollectionConverters;

/** Sorts records by a column of longs with Spark's external sorter, so that memory stays flat. */
final class RecordSorter {
    private RecordSorter() {}

    /**
     * All records are taken before this returns.
     *
     * @param types of the records
     * @param column of longs, never null
     * @return in ascending order; the row object is reused
     */
    static Iterator<InternalRow> sort(Iterator<UnsafeRow> records, DataType[] types, int column) {
        StructType schema = new StructType();
        for (int i = 0; i < types.length; i++) {
            schema = schema.add("column" + i, types[i], true);
        }
        UnsafeExternalRowSorter.PrefixComputer prefixes = new UnsafeExternalRowSorter.PrefixComputer() {
            private final Prefix prefix = new Prefix();

            @Override
            public Prefix computePrefix(InternalRow row) {
                prefix.value = row.getLong(column);
                prefix.isNull = false;
                return prefix;
            }
        };
        try {
            return CollectionConverters.asJava(UnsafeExternalRowSorter.createWithRecordComparator(
                            schema,
                            () -> new ByColumn(types.length, column),
                            PrefixComparators.LONG,
                            prefixes,
                            SparkEnv.get().memoryManager().pageSizeBytes(),
                            true)
                    .sort(CollectionConverters.asScala(records)));
        } catch (IOException e) {
            throw new UncheckedIOException("sorting rows failed: " + e.getMessage(), e);
        }
    }

    /** The prefix is the whole key; this decides only between equal ones. */
    private static final class ByColumn extends RecordComparator {
        private final int offset;

        ByColumn(int columns, int column) {
            this.offset = UnsafeRow.calculateBitSetWidthInBytes(columns) + 8 * column;
        }

        @Override
        public int compare(
                Object left, long leftOffset, int leftLength, Object right, long rightOffset, int rightLength) {
            return Long.compare(
                    Platform.getLong(left, leftOffset + offset), Platform.getLong(right, rightOffset + offset));
        }
    }
}
