package dev.lockstep.spark.exec;

import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;

/** The head of a record that {@link Restore} reads: consecutive places, and no failure. The row is reused. */
final class Numbered {
    private final GenericInternalRow head = new GenericInternalRow(Restore.ADDED);
    private long next;

    InternalRow next() {
        head.setLong(0, next++);
        return head;
    }
}
