package dev.lockstep.spark.exec;

import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;

/** Joins two rows into one in Spark's binary form. The row returned is reused by the next call. */
final class ResultProjection {
    private final UnsafeProjection projection;
    private final int columns;
    private final JoinedRow joined = new JoinedRow();

    private ResultProjection(List<Expression> columns) {
        this.projection = UnsafeProjection.create(Scala.<Expression>seq(columns));
        this.columns = columns.size();
    }

    /**
     * @param types columns of the left row, then those of the right
     * @param from the first column to keep
     */
    static ResultProjection from(int from, DataType[] types) {
        List<Expression> columns = new ArrayList<>();
        for (int i = from; i < types.length; i++) {
            columns.add(new BoundReference(i, types[i], true));
        }
        return new ResultProjection(columns);
    }

    UnsafeRow join(InternalRow left, InternalRow right) {
        return projection.apply(joined.apply(left, right));
    }

    /** How many columns it makes. */
    int columns() {
        return columns;
    }
}
