package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.Reach;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntPredicate;

/** How far back each layer sees: a sliding window of w keys is the query's own and the w - 1 before it. */
final class Windows {
    static final String SLIDING = "sliding_attention";
    static final String FULL = "full_attention";
    /** What most configs mean that leave the key out; null means none. */
    static final int ABSENT = 4096;

    private Windows() {}

    static List<Reach> none(int layers) {
        return Collections.nCopies(layers, Reach.ALL);
    }

    /** The same in all layers; an absent key means 4096 (Mistral). */
    static List<Reach> everywhere(Config c, int layers) {
        return Collections.nCopies(layers, reach(published(c, OptionalInt.of(ABSENT))));
    }

    /** The same in all layers; absent and null both mean none. */
    static List<Reach> everywhereIfGiven(Config c, int layers) {
        return Collections.nCopies(layers, reach(published(c, OptionalInt.empty())));
    }

    /**
     * The layers that {@code layer_types} names, or where it is absent, those that {@code sliding} picks by their number
     * from 0; all of them see everything where {@code sliding_window} is null.
     *
     * @param absent the window of a config without the key
     */
    static List<Reach> typed(Config c, int layers, OptionalInt absent, IntPredicate sliding) {
        return where(c, sliding(c, layers, sliding), absent);
    }

    /** Which layers {@code layer_types} gives a window, or where it is absent, {@code sliding} by their number from 0. */
    static List<Boolean> sliding(Config c, int layers, IntPredicate sliding) {
        Optional<JsonNode> types = types(c, layers);
        List<Boolean> found = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            found.add(types.isPresent() ? sliding(c, types.get().get(layer).asText()) : sliding.test(layer));
        }
        return found;
    }

    /** The reach of each layer, where it is told which of them have the window. */
    static List<Reach> where(Config c, List<Boolean> windowed, OptionalInt absent) {
        if (!windowed.contains(true)) {
            c.has("sliding_window");
            return none(windowed.size());
        }
        OptionalInt window = published(c, absent);
        if (window.isEmpty()) {
            refuseWindow(c, windowed, "sliding_window is null");
        }
        return windowed.stream().map(has -> has ? reach(window) : Reach.ALL).toList();
    }

    /**
     * None unless {@code use_sliding_window}; then in the layers that {@code layer_types} names, or else from {@code
     * max_window_layers} on (Qwen2).
     */
    static List<Reach> upperLayers(Config c, int layers) {
        int first = c.integer("max_window_layers").orElse(28);
        return ifUsed(c, layers, OptionalInt.of(ABSENT), layer -> layer >= first);
    }

    /** As {@link #typed}, but none unless {@code use_sliding_window}, whatever {@code sliding_window} says. */
    static List<Reach> ifUsed(Config c, int layers, OptionalInt absent, IntPredicate sliding) {
        boolean used =
                c.flag(false, "use_sliding_window") && published(c, absent).isPresent();
        c.has("sliding_window");
        List<Boolean> windowed = sliding(c, layers, layer -> used && sliding.test(layer));
        if (!used) {
            refuseWindow(
                    c,
                    windowed,
                    "use_sliding_window is " + c.flag(false, "use_sliding_window") + " and sliding_window is "
                            + c.node("sliding_window").map(JsonNode::toString).orElse("null"));
        }
        return where(c, windowed, absent);
    }

    private static void refuseWindow(Config c, List<Boolean> windowed, String why) {
        int layer = windowed.indexOf(true);
        if (layer >= 0 && c.has("layer_types")) {
            throw c.wrong(SLIDING, FULL + " while " + why, "layer_types[" + layer + "]");
        }
    }

    /** {@code layer_types}, checked to be one a layer. */
    static Optional<JsonNode> types(Config c, int layers) {
        Optional<JsonNode> types = c.node("layer_types");
        if (types.isPresent() && (!types.get().isArray() || types.get().size() != layers)) {
            throw c.wrong(types.get(), "a list of num_hidden_layers = " + layers + " entries", "layer_types");
        }
        return types;
    }

    private static boolean sliding(Config c, String type) {
        return switch (type) {
            case SLIDING -> true;
            case FULL -> false;
            default -> throw c.wrong(type, "full_attention or sliding_attention", "layer_types");
        };
    }

    private static Reach reach(OptionalInt window) {
        return window.isPresent() ? Reach.window(window.getAsInt()) : Reach.ALL;
    }

    private static OptionalInt published(Config c, OptionalInt absent) {
        if (!c.json().has("sliding_window")) {
            return absent;
        }
        return c.has("sliding_window") ? OptionalInt.of(c.size("sliding_window")) : OptionalInt.empty();
    }
}
