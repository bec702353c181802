package dev.lockstep.graph;

import java.util.List;

/**
 * An axis of indices: a leaf, a product of dimensions (major first) or a direct sum of dimensions. Atoms are united
 * while the graph is built. {@link #find} returns the representative; only its fields are valid.
 */
public final class Atom {

    enum Kind {
        LEAF,
        PRODUCT,
        SUM
    }

    private final int size;
    private String name;
    private int namePriority;
    private Atom link;
    private Kind kind = Kind.LEAF;
    private List<Dim> parts = List.of();
    private String closed;

    /**
     * @param size number of indices, at least 0
     * @param name the axis's name in reports
     * @param namePriority the higher priority keeps its name when two atoms are united
     */
    Atom(int size, String name, int namePriority) {
        this.size = size;
        this.name = name;
        this.namePriority = namePriority;
    }

    /** The representative of the atoms united with this one. */
    public Atom find() {
        Atom atom = this;
        while (atom.link != null) {
            atom = atom.link;
        }
        return atom;
    }

    public int size() {
        return size;
    }

    public String name() {
        return find().name;
    }

    public int namePriority() {
        return find().namePriority;
    }

    public boolean isLeaf() {
        return find().kind == Kind.LEAF;
    }

    public boolean isProduct() {
        return find().kind == Kind.PRODUCT;
    }

    public boolean isSum() {
        return find().kind == Kind.SUM;
    }

    /** The parts of a sum, in order; the single dimension of a product; empty for a leaf. */
    public List<Dim> parts() {
        return find().parts;
    }

    /** Why the axis cannot be split, or null when it can. */
    public String closed() {
        return find().closed;
    }

    void close(String why) {
        Atom atom = find();
        if (atom.closed == null) {
            atom.closed = why;
        }
    }

    void rename(String newName, int priority) {
        Atom atom = find();
        if (priority > atom.namePriority) {
            atom.name = newName;
            atom.namePriority = priority;
        }
    }

    /** Turns a leaf into a product or a sum. If the leaf is closed, the new parts are closed too. */
    void refine(Kind into, List<Dim> newParts) {
        if (link != null || kind != Kind.LEAF) {
            throw new IllegalStateException("axis " + this + " is already refined");
        }
        kind = into;
        parts = List.copyOf(newParts);
        if (closed != null) {
            for (Dim part : parts) {
                part.close(closed);
            }
        }
    }

    /** Makes another atom the representative of this one. */
    void linkTo(Atom other) {
        link = other;
    }

    @Override
    public String toString() {
        return name() + ":" + size;
    }
}
