package dev.lockstep.graph;

import dev.lockstep.checkpoint.WeightExpression;
import java.util.List;

/**
 * A weight and its dimensions, which share the axes of the values it is used with. A tied weight is one object.
 *
 * @param expression the source of its elements; it identifies the weight
 * @param dims one dimension per axis of the expression
 */
public record Weight(WeightExpression expression, List<Dim> dims) {

    public Weight {
        dims = List.copyOf(dims);
    }

    /** Compares by identity: comparing expressions of many parts is slow, and each weight is one object. */
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    public String name() {
        return expression.displayName();
    }

    public int[] shape() {
        int[] shape = new int[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = dims.get(i).size();
        }
        return shape;
    }

    public long elements() {
        long product = 1;
        for (Dim dim : dims) {
            product *= dim.size();
        }
        return product;
    }
}
