package dev.lockstep.spark.exec;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.types.DataType;

/**
 * After the last shuffle: the rows of one original partition in their original order. They are passed on only if they
 * are exactly the rows that were counted when the partition was numbered, each of them once. Anything else is an error.
 *
 * @param columns types of the rows' columns, behind the {@link Head}
 * @param censuses records that say what a partition should hold, all the same
 */
record Restore(List<DataType> columns, int censuses) implements Serializable {

    /**
     * Takes all records before it returns.
     *
     * @throws InferenceException for a record of a failure, and for rows that are missing, duplicated or not the
     *     partition's
     */
    Iterator<InternalRow> partition(int partition, Iterator<UnsafeRow> records) {
        DataType[] types = Head.with(columns);
        Counting counting = new Counting(partition, censuses, records);
        Iterator<InternalRow> sorted = RecordSorter.sort(counting, types, Head.NUMBER);
        if (counting.failure != null) {
            throw new InferenceException(counting.failure);
        }
        counting.check(sorted);
        ResultProjection projection = ResultProjection.from(Head.COLUMNS, types);
        InternalRow nothing = new GenericInternalRow(0);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return sorted.hasNext();
            }

            @Override
            public InternalRow next() {
                return projection.join(sorted.next(), nothing);
            }
        };
    }

    /** Passes rows on, takes their census, and keeps the other records. */
    private static final class Counting implements Iterator<UnsafeRow> {
        private final int partition;
        private final Iterator<UnsafeRow> records;
        private final Census found = new Census();
        private final int censusesExpected;
        private Census expected;
        private String run;
        private int censuses;
        private boolean differ;
        private String failure;
        private UnsafeRow next;

        Counting(int partition, int censuses, Iterator<UnsafeRow> records) {
            this.partition = partition;
            this.censusesExpected = censuses;
            this.records = records;
        }

        @Override
        public boolean hasNext() {
            while (next == null && records.hasNext()) {
                UnsafeRow record = records.next();
                switch (Head.kind(record)) {
                    case Head.ROW -> next = record;
                    case Head.CENSUS -> expect(new Census(Head.number(record), Head.hash(record)), Head.text(record));
                    default -> failure = Head.text(record);
                }
            }
            return next != null;
        }

        private void expect(Census census, String ofRun) {
            differ |= censuses > 0 && !(census.sameAs(expected) && Objects.equals(run, ofRun));
            expected = census;
            run = ofRun;
            censuses++;
        }

        @Override
        public UnsafeRow next() {
            UnsafeRow row = next;
            next = null;
            found.add(Head.hash(row));
            return row;
        }

        void check(Iterator<InternalRow> sorted) {
            boolean known = censuses == censusesExpected;
            if (known && !differ && found.sameAs(expected)) {
                return;
            }
            String wrong;
            if (!known) {
                wrong = "holds " + found.rows() + " rows and " + censuses
                        + " records of how many it should hold, expected " + censusesExpected;
            } else if (found.rows() != expected.rows()) {
                wrong = "holds " + found.rows() + " of its " + expected.rows() + " rows" + firstGap(sorted);
            } else {
                wrong = "holds " + found.rows() + " rows as it should, but not the same ones: what computes the"
                        + " prompts gives other rows when it runs again after a loss" + firstGap(sorted);
            }
            throw new InferenceException("tp_generate failed: partition " + partition + " " + wrong
                    + ". No row is passed on. Run the query again; where its input is not the same every time (random numbers"
                    + " without a seed, a limit without an order), write the input to a table first");
        }

        /** The first place that no row or more than one has, where that says anything. */
        private static String firstGap(Iterator<InternalRow> sorted) {
            long expected = 0;
            while (sorted.hasNext()) {
                long place = Head.number(sorted.next());
                if (place != expected) {
                    return place < expected
                            ? "; row " + place + " is there twice"
                            : "; row " + expected + " is missing";
                }
                expected++;
            }
            return "";
        }
    }
}
