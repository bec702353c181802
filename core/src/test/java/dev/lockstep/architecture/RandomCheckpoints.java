package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.DType;
import dev.lockstep.checkpoint.SafetensorsWriter;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.Graph;
import dev.lockstep.graph.Node;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Weight;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Checkpoints of random shapes and settings, the same for the same seed: heads that do not divide by the degrees one
 * splits by, odd widths, every switch a family honours. Weights are stored as F32 and scaled so that neither scores nor
 * logits saturate.
 */
public final class RandomCheckpoints {

    /** How deep the models are. */
    public enum Depth {
        /** 2 layers. */
        FAST(2),
        /** 5 layers. */
        FULL(5);

        private final int layers;

        Depth(int layers) {
            this.layers = layers;
        }
    }

    private RandomCheckpoints() {}

    /** What can be written: families, and their variants by task. */
    public static List<String> names() {
        return RandomConfigs.names();
    }

    /** The first seed whose configuration is of the wanted shape. */
    public static long seedWhere(String name, Depth depth, Predicate<Map<String, Object>> wanted) {
        for (long seed = 1; seed <= 500; seed++) {
            if (wanted.test(RandomConfigs.draw(name, new Draw(seed), depth.layers))) {
                return seed;
            }
        }
        throw new IllegalArgumentException("no configuration of " + name + " is of the wanted shape");
    }

    /**
     * Writes {@code config.json} and {@code model.safetensors}.
     *
     * @param folder made where it does not exist
     * @param name one of {@link #names}
     * @return the folder
     */
    public static Path write(Path folder, String name, long seed, Depth depth) {
        Draw draw = new Draw(seed);
        Map<String, Object> published = RandomConfigs.draw(name, draw, depth.layers);
        Config config = new Config(name + " of seed " + seed, new ObjectMapper().valueToTree(published));
        Graph graph = Architectures.build(config).graph();
        Set<Weight> scales = normScales(graph);
        Map<Weight, Double> enlarged = tablesOfScaledHeads(graph);
        SafetensorsWriter writer = new SafetensorsWriter();
        Set<String> written = new HashSet<>();
        for (Weight weight : graph.weights()) {
            double size = enlarged.getOrDefault(weight, 1.0);
            double mean = scales.contains(weight) ? ofScale(weight.expression()) : 0;
            for (StoredWeight stored : StoredWeight.of(weight)) {
                if (written.add(stored.name())) {
                    int[] shape =
                            stored.shape().stream().mapToInt(Integer::intValue).toArray();
                    writer.add(stored.name(), DType.F32, shape, values(shape, weight, mean, size, draw));
                }
            }
        }
        return writer.checkpoint(folder, published);
    }

    private static Set<Weight> normScales(Graph graph) {
        Set<Weight> scales = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Norm norm && norm.weight()) {
                scales.add(node.weights().get(0));
            }
        }
        return scales;
    }

    /** Token tables that are met again after a constant factor: larger by its inverse, so that logits stay near 1. */
    private static Map<Weight, Double> tablesOfScaledHeads(Graph graph) {
        Map<Weight, Double> tables = new HashMap<>();
        for (Node node : graph.nodes()) {
            if (node.op() instanceof Op.Linear && node.input(0).producer().op() instanceof Op.Scale scale) {
                tables.put(node.weights().get(0), 1 / scale.factor());
            }
        }
        return tables;
    }

    /** What a stored scale lies near: 1, or 0 where the model adds 1 to it. */
    private static double ofScale(WeightExpression expression) {
        return expression instanceof WeightExpression.Affine affine ? 1 - affine.shift() : 1;
    }

    /** Matrices keep the size of what they map; scales of norms lie near their mean, all other vectors near 0. */
    private static float[] values(int[] shape, Weight weight, double mean, double size, Draw draw) {
        int[] used = weight.shape();
        double deviation = used.length == 1 ? 0.2 : size / Math.sqrt(used[used.length - 1]);
        float[] values = new float[Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (mean + deviation * draw.normal());
        }
        return values;
    }
}
