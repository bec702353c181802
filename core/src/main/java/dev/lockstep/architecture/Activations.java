package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;

/** Activation functions as configs name them. */
final class Activations {
    private Activations() {}

    /** The function named under the first of the keys, or the default. */
    static ActivationFunction of(Config c, String absent, String... keys) {
        return named(c, c.text(keys).orElse(absent), keys);
    }

    /** The function of a name that was found under, or derived from, the keys. */
    static ActivationFunction named(Config c, String name, String... keys) {
        try {
            return ActivationFunction.named(name);
        } catch (IllegalArgumentException unknown) {
            throw c.wrong("'" + name + "'", "a known one: " + unknown.getMessage(), keys);
        }
    }
}
