package dev.lockstep.graph;

import java.util.List;

/** An op in a graph, with its inputs, its output, its weights (in the op's order) and its axis signature. */
public final class Node {
    private final int id;
    private final Op op;
    private final List<Value> inputs;
    private final List<Weight> weights;
    private final List<AxisUse> signature;
    private final String scope;
    private Value output;

    Node(int id, Op op, List<Value> inputs, List<Weight> weights, List<AxisUse> signature, String scope) {
        this.id = id;
        this.op = op;
        this.inputs = List.copyOf(inputs);
        this.weights = List.copyOf(weights);
        this.signature = List.copyOf(signature);
        this.scope = scope;
    }

    void output(Value value) {
        output = value;
    }

    public int id() {
        return id;
    }

    public Op op() {
        return op;
    }

    public List<Value> inputs() {
        return inputs;
    }

    public Value input(int i) {
        return inputs.get(i);
    }

    public List<Weight> weights() {
        return weights;
    }

    public List<AxisUse> signature() {
        return signature;
    }

    /** The published name prefix of the node's place in the model, for reports. */
    public String scope() {
        return scope;
    }

    public Value output() {
        return output;
    }

    /** The node's name in reports: its first weight's name without the last part, or scope and op. */
    public String displayName() {
        if (!weights.isEmpty() && !(op instanceof Op.Attention) && !(op instanceof Op.Experts)) {
            String name = weights.get(0).name();
            int dot = name.lastIndexOf('.');
            return dot < 0 ? name : name.substring(0, dot);
        }
        return scope + op.name();
    }

    @Override
    public String toString() {
        return output + " = " + op.name()
                + inputs.stream().map(v -> "%" + v.producer().id()).toList()
                + (weights.isEmpty()
                        ? ""
                        : " " + weights.stream().map(Weight::name).toList());
    }
}
