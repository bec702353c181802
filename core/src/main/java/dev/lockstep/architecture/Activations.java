package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;

/** Activation functions as configs name them. */
final class Activations {
    private Activations() {}

    /** The function named under the first of the keys, or the default. */
    static ActivationFunction of(Config c, String absent, String... keys) {
        String name = c.text(keys).orElse(absent);
        try {
            return ActivationFunction.named(name);
        } catch (IllegalArgumentException unknown) {
            throw c.wrong(name, unknown.getMessage(), keys);
        }
    }
}
