package dev.lockstep.graph;

import java.util.Locale;

/**
 * A named axis of rows. Rows of all sequences lie flat, sequence after sequence, without padding; each axis has offsets of
 * its own. A step carries the rows of some axes; how many rows another has follows from its base, by {@code kind}.
 *
 * @param name how reports call it
 * @param entry the entry point that runs its rows
 * @param kind what its rows are
 * @param base the axis that it follows from; null for one that a step carries
 * @param blocks how rows of the base are taken together, where that makes the axis; else null
 * @param size rows of a {@link Kind#FIXED} axis; else 0
 */
public record RowAxis(String name, EntryPoint entry, Kind kind, RowAxis base, RowBlocks blocks, int size) {

    /** What the rows of an axis are. */
    public enum Kind {
        /** Rows that a step carries: each has a token, a position and a token type. */
        CARRIED,
        /** Rows of the base whose outputs a step asks for. */
        OUTPUTS,
        /** The first row of the base of each sequence. */
        FIRST,
        /** A row for each block of the base's rows: {@link RowBlocks}. */
        BLOCKS,
        /** All distances between two rows of the base in the step's longest sequence of n: 1 - n to n - 1. Of no sequence. */
        DISTANCES,
        /** A number of rows that is the same in every step, like those of a table. Of no sequence. */
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

    /** The axis of this one's blocks. */
    public RowAxis blocks(String newName, RowBlocks newBlocks) {
        return new RowAxis(newName, entry, Kind.BLOCKS, this, newBlocks, 0);
    }

    /** The axis of distances between rows of this one. */
    public RowAxis distances() {
        return new RowAxis(name + ".distances", entry, Kind.DISTANCES, this, null, 0);
    }

    /** An axis of so many rows, computed with this one. */
    public RowAxis fixed(String newName, int rows) {
        return new RowAxis(newName, entry, Kind.FIXED, this, null, rows);
    }

    /** The axis that a step carries from which this one follows. */
    public RowAxis root() {
        return base == null ? this : base.root();
    }

    /** Whether each row belongs to one sequence. */
    public boolean ofSequences() {
        return kind != Kind.DISTANCES && kind != Kind.FIXED;
    }

    /**
     * The index on another axis, of the same sequence, of a row of this one: for scores that depend on distance.
     *
     * @param index of the row in its sequence
     * @param rows of the sequence along the longer of the two axes
     * @throws GraphException when neither follows from the other by blocks
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
