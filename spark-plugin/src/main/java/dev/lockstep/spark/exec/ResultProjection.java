package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/** Joins two rows into one in Spark's binary form. The row returned is reused by the next call. */
final class ResultProjection {
    private final UnsafeProjection projection;
    private final JoinedRow joined = new JoinedRow();

    private ResultProjection(List<Expression> columns) {
        projection = UnsafeProjection.create(Scala.<Expression>seq(columns));
    }

    /**
     * @param types columns of the left row, then those of the right
     * @param from the first column to keep
     */
    static ResultProjection from(int from, DataType[] types) {
        List<Expression> columns = new ArrayList<>();
        addFrom(from, types, columns);
        return new ResultProjection(columns);
    }

    /**
     * From a chunk's row (partition, place, input columns) and results to a record of shuffle 2 (place, no failure, input
     * columns, results).
     */
    static ResultProjection chunkToResult(DataType[] types) {
        List<Expression> columns = new ArrayList<>();
        columns.add(new BoundReference(1, types[1], false));
        columns.add(Literal.create(null, DataTypes.StringType));
        addFrom(ToChunks.ADDED, types, columns);
        return new ResultProjection(columns);
    }

    private static void addFrom(int from, DataType[] types, List<Expression> columns) {
        for (int i = from; i < types.length; i++) {
            columns.add(new BoundReference(i, types[i], true));
        }
    }

    UnsafeRow join(InternalRow left, InternalRow right) {
        return projection.apply(joined.apply(left, right));
    }
}
