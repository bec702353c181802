package dev.lockstep.architecture;

import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/** Feed-forward blocks. */
final class Mlp {
    private Mlp() {}

    /** down(act(gate(y)) * up(y)) with the names of Llama; yields the axes of {@code residual}. */
    static Value gated(Scope s, Value residual, Value y, int width, ActivationFunction function, boolean bias) {
        Value gate = s.activate(s.linear("gate_proj", y, width, bias), function);
        return s.linear("down_proj", gate.times(s.linear("up_proj", y, width, bias)), residual, bias);
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
