package dev.lockstep.graph;

import java.util.ArrayList;
import java.util.List;

/** A value of shape [rows, features]. Views ({@link #unmerge}) share their producer; no data is moved. */
public final class Value {
    private final GraphBuilder builder;
    private final Node producer;
    private final Dim dim;
    private final RowAxis rows;

    Value(GraphBuilder builder, Node producer, Dim dim, RowAxis rows) {
        this.builder = builder;
        this.producer = producer;
        this.dim = dim;
        this.rows = rows;
    }

    public Node producer() {
        return producer;
    }

    public Dim dim() {
        return dim;
    }

    public int width() {
        return dim.size();
    }

    public RowAxis rows() {
        return rows;
    }

    public Value plus(Value other) {
        return builder.binary(Op.Binary.ADD, this, other);
    }

    public Value times(Value other) {
        return builder.binary(Op.Binary.MULTIPLY, this, other);
    }

    public Value times(double factor) {
        return builder.scale(this, factor);
    }

    /** The same value with its features viewed as a product, major first. */
    public Value unmerge(int... sizes) {
        List<Atom> atoms = new ArrayList<>();
        for (int size : sizes) {
            atoms.add(new Atom(size, "axis of " + size, 0));
        }
        Dim seen = new Dim(atoms);
        Axes.equate(dim, seen);
        return new Value(builder, producer, seen, rows);
    }

    /** Consecutive parts of the features. */
    public List<Value> split(int... sizes) {
        return splitAxis(0, sizes);
    }

    /** Consecutive parts of one factor of the features; factors are counted from the major one. */
    public List<Value> splitAxis(int axis, int... sizes) {
        return builder.split(this, axis, sizes);
    }

    /** The same features with another producer and other rows. */
    Value as(Node otherProducer, RowAxis otherRows) {
        return new Value(builder, otherProducer, dim, otherRows);
    }

    @Override
    public String toString() {
        return "%" + producer.id() + "[" + rows + ", " + dim + "]";
    }
}
