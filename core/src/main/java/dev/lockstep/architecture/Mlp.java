package dev.lockstep.architecture;

import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;

/** Feed-forward blocks. */
final class Mlp {

    /** The published names of a gated block's three maps. */
    record GatedNames(String gate, String up, String down) {
        static final GatedNames LLAMA = new GatedNames("gate_proj", "up_proj", "down_proj");
    }

    private Mlp() {}

    /** down(act(gate(y)) * up(y)); yields the axes of {@code residual}. */
    static Value gated(
            Scope s, GatedNames names, Value residual, Value y, int width, ActivationFunction function, boolean bias) {
        Value gate = s.activate(s.linear(names.gate(), y, width, bias), function);
        return s.linear(names.down(), gate.times(s.linear(names.up(), y, width, bias)), residual, bias);
    }

    /** As {@link #gated}, where one map yields the gate's features, then up's. */
    static Value gatedFused(
            Scope s,
            String gateUp,
            String down,
            Value residual,
            Value y,
            int width,
            ActivationFunction function,
            boolean bias) {
        List<Value> halves = s.linear(gateUp, y, 2 * width, bias).split(width, width);
        return s.linear(down, s.activate(halves.get(0), function).times(halves.get(1)), residual, bias);
    }

    /** down(act(up(y))) with the given names; yields the axes of {@code residual}. */
    static Value plain(
            Scope s,
            Value residual,
            Value y,
            int width,
            ActivationFunction function,
            String up,
            String down,
            boolean bias) {
        return s.linear(down, s.activate(s.linear(up, y, width, bias), function), residual, bias);
    }
}
