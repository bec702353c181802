package dev.lockstep.spark.exec;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The columns in front of every record of both shuffles. A record is a row of the input, the census of a partition (how
 * many rows it has and the sum of their hashes), or a failure that ends the job.
 *
 * <p>Columns: kind (int), partition (int), number (long: a row's place in its partition, or a census's count), hash
 * (long: a row's, or a census's sum), text (string: a failure's message, or the attempt of the input that a census
 * belongs to).
 */
final class Head {
    static final int ROW = 0;
    static final int CENSUS = 1;
    static final int FAILURE = 2;

    /** Column of a row's place in its partition. */
    static final int NUMBER = 2;
    /** Column of a row's hash. */
    static final int HASH = 3;

    private static final int TEXT = 4;

    static final List<DataType> TYPES = List.of(
            DataTypes.IntegerType, DataTypes.IntegerType, DataTypes.LongType, DataTypes.LongType, DataTypes.StringType);
    /** How many columns it has. */
    static final int COLUMNS = TYPES.size();

    private final GenericInternalRow head = new GenericInternalRow(COLUMNS);

    /** The types of records that consist of a head and these columns. */
    @SafeVarargs
    static DataType[] with(List<DataType>... columns) {
        DataType[] types = TYPES.toArray(DataType[]::new);
        for (List<DataType> more : columns) {
            int from = types.length;
            types = Arrays.copyOf(types, from + more.size());
            for (int i = 0; i < more.size(); i++) {
                types[from + i] = more.get(i);
            }
        }
        return types;
    }

    /** The head is reused by the next call, as are those of the methods below. */
    InternalRow row(int partition, long place, long hash) {
        return fill(ROW, partition, place, hash, null);
    }

    /** @param run of the input that the rows are of; null where every run gives the same */
    InternalRow census(int partition, Census census, String run) {
        return fill(CENSUS, partition, census.rows(), census.sum(), run == null ? null : UTF8String.fromString(run));
    }

    InternalRow failure(int partition, String message) {
        return fill(FAILURE, partition, 0, 0, UTF8String.fromString(message));
    }

    private InternalRow fill(int kind, int partition, long number, long hash, UTF8String text) {
        head.setInt(0, kind);
        head.setInt(1, partition);
        head.setLong(NUMBER, number);
        head.setLong(HASH, hash);
        head.update(TEXT, text);
        return head;
    }

    static int kind(InternalRow record) {
        return record.getInt(0);
    }

    static int partition(InternalRow record) {
        return record.getInt(1);
    }

    static long number(InternalRow record) {
        return record.getLong(NUMBER);
    }

    static long hash(InternalRow record) {
        return record.getLong(HASH);
    }

    /** Null where there is none. */
    static String text(InternalRow record) {
        return record.isNullAt(TEXT) ? null : record.getUTF8String(TEXT).toString();
    }
}
