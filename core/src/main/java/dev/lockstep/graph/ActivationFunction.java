package dev.lockstep.graph;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Element-wise non-linearities. */
public enum ActivationFunction {
    RELU,
    /** x * Phi(x), the exact form. */
    GELU,
    /** The tanh approximation of GELU. */
    GELU_TANH,
    SILU,
    TANH,
    SIGMOID,
    /** x * sigmoid(1.702 x). */
    QUICK_GELU,
    /** max(x, 0)². */
    RELU_SQUARED,
    /** The identity: some published configs name it. */
    IDENTITY;

    private static final Map<String, ActivationFunction> PUBLISHED = published();

    private static Map<String, ActivationFunction> published() {
        Map<String, ActivationFunction> names = new TreeMap<>();
        names.put("relu", RELU);
        names.put("gelu", GELU);
        names.put("gelu_python", GELU);
        names.put("gelu_new", GELU_TANH);
        names.put("gelu_fast", GELU_TANH);
        names.put("gelu_pytorch_tanh", GELU_TANH);
        names.put("gelu_accurate", GELU_TANH);
        names.put("gelu_python_tanh", GELU_TANH);
        names.put("silu", SILU);
        names.put("swish", SILU);
        names.put("tanh", TANH);
        names.put("sigmoid", SIGMOID);
        names.put("quick_gelu", QUICK_GELU);
        names.put("relu2", RELU_SQUARED);
        names.put("linear", IDENTITY);
        return names;
    }

    /**
     * The function a published config names.
     *
     * @throws IllegalArgumentException listing the known names
     */
    public static ActivationFunction named(String name) {
        ActivationFunction found = PUBLISHED.get(name.toLowerCase(Locale.ROOT));
        if (found == null) {
            throw new IllegalArgumentException("activation function '" + name + "' is not known, expected one of "
                    + List.copyOf(PUBLISHED.keySet()));
        }
        return found;
    }
}
