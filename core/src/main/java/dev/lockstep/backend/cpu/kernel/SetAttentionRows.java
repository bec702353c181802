package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.cpu.memory.Matrix;

/** What one attention over sets of keys reads and writes in a step. Made once for a layer; offsets are a step's. */
public final class SetAttentionRows {

    /** Keys and values of one set: [rows, kvHeads * queryWidth] and [rows, kvHeads * valueWidth]. */
    public static final class Keys {
        final Matrix keys;
        final Matrix values;
        int[] offsets;

        public Keys(Matrix keys, Matrix values) {
            this.keys = keys;
            this.values = values;
        }

        public void offsets(int[] ofStep) {
            offsets = ofStep;
        }
    }

    /** Which row of a content term's table a query and a key name. */
    @FunctionalInterface
    public interface TableRow {
        /**
         * @param query index of the query in its sequence
         * @param position of the query among the keys
         */
        int of(int sequence, int query, int position, int key);
    }

    /** Rows and table of a content term. */
    public static final class Content {
        final Matrix rows;
        final Matrix table;
        final TableRow row;
        int[] offsets;
        int tableRows;

        public Content(Matrix rows, Matrix table, TableRow row) {
            this.rows = rows;
            this.table = table;
            this.row = row;
        }

        /** @param ofTable rows of the table in this step */
        public void offsets(int[] ofStep, int ofTable) {
            offsets = ofStep;
            tableRows = ofTable;
        }
    }

    /** Where on the axis of a set's keys a query stands. */
    @FunctionalInterface
    public interface Position {
        int of(int set, int sequence, int query);
    }

    final Matrix queries;
    final Keys[] sets;
    final Content[] content;
    final Position position;
    final Matrix out;
    int[] offsets;

    /**
     * @param sets as many as the layer has
     * @param content those of all sets, in their order
     * @param out {@code [rows, heads * valueWidth]}; not one of the inputs
     */
    public SetAttentionRows(Matrix queries, Keys[] sets, Content[] content, Position position, Matrix out) {
        this.queries = queries;
        this.sets = sets.clone();
        this.content = content.clone();
        this.position = position;
        this.out = out;
    }

    /** Where each sequence's queries begin in this step. */
    public void offsets(int[] ofStep) {
        offsets = ofStep;
    }
}
