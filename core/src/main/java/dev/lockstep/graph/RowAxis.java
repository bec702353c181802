package dev.lockstep.graph;

import java.util.Locale;

/**
 * A named axis of rows. Rows of all sequences are stored flat, one sequence after another, without padding; each axis
 * has its own offsets. A step carries the rows of some axes. The row count of any other axis is derived from its base
 * according to {@code kind}.
 *
 * @param name the axis's name in reports
 * @param entry the entry point that runs its rows
 * @param kind what its rows are
 * @param base the axis that it is derived from; null for one that a step carries
 * @param blocks how rows of the base are grouped into blocks, for an axis of blocks; else null
 * @param size rows of a {@link Kind#FIXED} axis; else 0
 */
public record RowAxis(String name, EntryPoint entry, Kind kind, RowAxis base, RowBlocks blocks, int size) {

    /** What the rows of an axis are. */
    public enum Kind {
        /** Rows that a step carries: each has a token, a position and a token type. */
        CARRIED,
        /** Rows of the base whose outputs a step requests. */
        OUTPUTS,
        /** The first row of each sequence on the base. */
        FIRST,
        /** One row for each block of the base's rows: {@link RowBlocks}. */
        BLOCKS,
        /**
         * All distances between two rows of the base, for the step's longest sequence of n rows: 1 - n to n - 1.
         * Belongs to no sequence.
         */
        DISTANCES,
        /** A number of rows that is the same in every step, like those of a table. Belongs to no sequence. */
        FIXED
    }

    /** Rows of an encoder's input. */
    public static final RowAxis SOURCE = carried("source", EntryPoint.ENCODE);

    /** Rows of a decoder's input. */
    public static final RowAxis TARGET = carried("target", EntryPoint.DECODE);

    /** An axis whose rows a step carries. */
    public static RowAxis carried(String name, EntryPoint entry) {
        return new RowAxis(name, entry, Kind.CARRIED, null, null, 0);
    }

    /** @param which {@code OUTPUTS} or {@code FIRST} */
    public RowAxis pick(Kind which) {
        if (which != Kind.OUTPUTS && which != Kind.FIRST) {
            throw new GraphException("rows of " + this + " are picked by " + which + ", expected OUTPUTS or FIRST");
        }
        return new RowAxis(name + "." + which.name().toLowerCase(Locale.ROOT), entry, which, this, null, 0);
    }

    /** The axis of blocks of this axis's rows. */
    public RowAxis blocks(String newName, RowBlocks newBlocks) {
        return new RowAxis(newName, entry, Kind.BLOCKS, this, newBlocks, 0);
    }

    /** The axis of distances between rows of this axis. */
    public RowAxis distances() {
        return new RowAxis(name + ".distances", entry, Kind.DISTANCES, this, null, 0);
    }

    /** An axis with this many rows, computed together with this axis. */
    public RowAxis fixed(String newName, int rows) {
        return new RowAxis(newName, entry, Kind.FIXED, this, null, rows);
    }

    /** The axis carried by the step from which this axis is derived. */
    public RowAxis root() {
        return base == null ? this : base.root();
    }

    /** Whether each row belongs to one sequence. */
    public boolean ofSequences() {
        return kind != Kind.DISTANCES && kind != Kind.FIXED;
    }

    /**
     * The index on another axis, within the same sequence, that corresponds to a row of this axis. Used for scores that
     * depend on distance.
     *
     * @param index of the row in its sequence
     * @param rows of the sequence along the longer of the two axes
     * @throws GraphException when neither axis is derived from the other by blocks
     */
    public int indexOn(RowAxis other, int index, int rows) {
        if (equals(other)) {
            return index;
        }
        if (kind == Kind.BLOCKS && base.equals(other)) {
            return blocks.first(index, rows);
        }
        if (other.kind == Kind.BLOCKS && equals(other.base)) {
            return other.blocks.blockOf(index, rows);
        }
        throw new GraphException("no row of " + other + " stands where a row of " + this + " does");
    }

    @Override
    public String toString() {
        return name;
    }
}
