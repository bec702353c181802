package dev.lockstep.graph;

/**
 * A named axis of rows with its own sequence offsets. Rows of all sequences lie flat.
 *
 * @param name how reports and entry points call it
 * @param picked which rows of the axis named by {@code name} these are
 */
public record RowAxis(String name, Picked picked) {

    /** Which rows of an axis a value has. */
    public enum Picked {
        /** All of them. */
        ALL,
        /** Those whose outputs a step asks for. */
        OUTPUTS,
        /** The first of each sequence. */
        FIRST
    }

    /** Rows of an encoder's input. */
    public static final RowAxis SOURCE = new RowAxis("source", Picked.ALL);

    /** Rows of a decoder's input. */
    public static final RowAxis TARGET = new RowAxis("target", Picked.ALL);

    public RowAxis pick(Picked which) {
        return new RowAxis(name, which);
    }

    @Override
    public String toString() {
        return picked == Picked.ALL ? name : name + "." + picked.name().toLowerCase(java.util.Locale.ROOT);
    }
}
