package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The sliding window of each layer: a query sees itself and the window - 1 keys before it; empty is no window. */
final class Windows {
    /** What configs mean that leave the key out; null means none. */
    private static final int ABSENT = 4096;

    private Windows() {}

    static List<OptionalInt> none(int layers) {
        return Collections.nCopies(layers, OptionalInt.empty());
    }

    /** The same in all layers (Mistral). */
    static List<OptionalInt> everywhere(Config c, int layers) {
        return Collections.nCopies(layers, published(c));
    }

    /**
     * None unless {@code use_sliding_window}; then in the layers that {@code layer_types} names, or else from {@code
     * max_window_layers} on (Qwen2).
     */
    static List<OptionalInt> upperLayers(Config c, int layers) {
        boolean used = c.flag(false, "use_sliding_window");
        OptionalInt window = published(c);
        int first = c.integer("max_window_layers").orElse(28);
        Optional<JsonNode> types = c.node("layer_types");
        if (types.isPresent() && types.get().size() != layers) {
            throw c.wrong(types.get(), "a list of num_hidden_layers = " + layers + " entries", "layer_types");
        }
        List<OptionalInt> windows = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            boolean sliding =
                    types.isPresent() ? sliding(c, types.get().get(layer).asText()) : used && layer >= first;
            if (sliding && types.isPresent() && !(used && window.isPresent())) {
                throw c.wrong(
                        "sliding_attention",
                        "full_attention while use_sliding_window is " + used + " and sliding_window is "
                                + (window.isPresent() ? window.getAsInt() : "null"),
                        "layer_types[" + layer + "]");
            }
            windows.add(sliding ? window : OptionalInt.empty());
        }
        return windows;
    }

    private static boolean sliding(Config c, String type) {
        return switch (type) {
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default -> throw c.wrong(type, "full_attention or sliding_attention", "layer_types");
        };
    }

    private static OptionalInt published(Config c) {
        if (!c.json().has("sliding_window")) {
            return OptionalInt.of(ABSENT);
        }
        return c.has("sliding_window") ? OptionalInt.of(c.size("sliding_window")) : OptionalInt.empty();
    }
}
