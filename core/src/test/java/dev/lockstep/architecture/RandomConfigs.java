package dev.lockstep.architecture;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Random configurations of every family, over the settings it honours. */
final class RandomConfigs {
    private static final Map<String, Consumer<RandomConfig>> DRAWINGS = drawings();

    private RandomConfigs() {}

    private static Map<String, Consumer<RandomConfig>> drawings() {
        Map<String, Consumer<RandomConfig>> drawings = new TreeMap<>();
        drawings.putAll(RandomClassicDecoders.drawings());
        drawings.putAll(RandomEncoders.drawings());
        drawings.putAll(RandomFirstFamilies.drawings());
        drawings.putAll(RandomLlamaRelatives.drawings());
        drawings.putAll(RandomMixtures.drawings());
        drawings.putAll(RandomFurtherMixtures.drawings());
        drawings.putAll(RandomGptKin.drawings());
        return drawings;
    }

    static List<String> names() {
        return List.copyOf(DRAWINGS.keySet());
    }

    static Map<String, Object> draw(String name, Draw draw, int layers) {
        Consumer<RandomConfig> drawing = DRAWINGS.get(name);
        if (drawing == null) {
            throw new IllegalArgumentException("no random checkpoints of '" + name + "', expected one of " + names());
        }
        RandomConfig config = new RandomConfig(draw, layers);
        drawing.accept(config);
        return config.keys;
    }
}
