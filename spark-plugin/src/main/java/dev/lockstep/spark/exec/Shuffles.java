package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import scala.Tuple2;
import scala.reflect.ClassTag;

/** Shuffles of binary rows by a partition number that each row brings along. */
final class Shuffles {
    private Shuffles() {}

    /**
     * ShuffledRDD makes the ShuffleDependency itself, whose constructor differs between Spark versions.
     *
     * @param rows partition numbers and rows
     * @param columns of each row
     */
    @SuppressWarnings({"unchecked", "rawtypes"})
    static ShuffleDependency<Object, InternalRow, InternalRow> byNumber(
            RDD<Tuple2<Object, InternalRow>> rows, int partitions, int columns) {
        ShuffledRDD shuffled = new ShuffledRDD(
                rows,
                new ByNumber(partitions),
                (ClassTag) Scala.tag(Integer.class),
                Scala.tag(InternalRow.class),
                Scala.tag(InternalRow.class));
        return (ShuffleDependency<Object, InternalRow, InternalRow>)
                shuffled.setSerializer(new UnsafeRowSerializer(columns, null))
                        .dependencies()
                        .head();
    }

    @SuppressWarnings("unchecked")
    static ClassTag<Tuple2<Object, InternalRow>> pairTag() {
        return (ClassTag<Tuple2<Object, InternalRow>>) (Object) Scala.tag(Tuple2.class);
    }

    private static final class ByNumber extends Partitioner {
        private static final long serialVersionUID = 1;
        private final int partitions;

        ByNumber(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object key) {
            return (Integer) key;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof ByNumber byNumber && byNumber.partitions == partitions;
        }

        @Override
        public int hashCode() {
            return partitions;
        }
    }
}
