package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Routing;
import java.util.Optional;
import java.util.function.IntPredicate;

/**
 * Feed-forwards as DeepSeek's configs publish them (Dai et al. 2024): dense in some layers, mostly the first, and in the
 * others a mixture beside experts that serve all rows.
 *
 * @param isDense by a layer's number from 0
 * @param shared the experts for all rows as one feed-forward, or null for none
 */
record DenseThenSparse(IntPredicate isDense, GatedMlp dense, Mixture mixture, GatedMlp shared) {
    private static final String TYPES = "mlp_layer_types";

    /**
     * From the published keys, the routing aside.
     *
     * @param absentDense what a config without {@code first_k_dense_replace} means
     * @param absentShared the same of {@code n_shared_experts}; null means none
     */
    static DenseThenSparse of(Config c, StoredTensors stored, Routing routing, int absentDense, int absentShared) {
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        int inner = c.size("moe_intermediate_size");
        Mixture mixture = Mixture.of(routing, function, inner, ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA));
        return new DenseThenSparse(
                denseLayers(c, absentDense),
                GatedMlp.of(c, function),
                mixture,
                shared(c, "n_shared_experts", absentShared, inner, function));
    }

    /**
     * So many experts for all rows as one feed-forward, or null for none.
     *
     * @param absent what a config without the key means; null means none
     * @param inner features between one expert's maps
     */
    static GatedMlp shared(Config c, String key, int absent, int inner, ActivationFunction function) {
        int experts = c.json().has(key) ? c.integer(key).orElse(0) : absent;
        if (experts < 0) {
            throw c.wrong(experts, "0 or more", key);
        }
        return experts == 0 ? null : new GatedMlp(experts * inner, function, false, false);
    }

    /**
     * The layers that {@code mlp_layer_types} calls dense, or where it is absent, the first {@code first_k_dense_replace}
     * and of those after them all whose number is no multiple of {@code moe_layer_freq}.
     *
     * @param absent what a config without {@code first_k_dense_replace} means
     */
    static IntPredicate denseLayers(Config c, int absent) {
        int first = c.integer("first_k_dense_replace").orElse(absent);
        int frequency = c.sizeOr(1, "moe_layer_freq");
        Optional<JsonNode> types = c.node(TYPES);
        if (types.isEmpty()) {
            return layer -> layer < first || layer % frequency != 0;
        }
        JsonNode list = types.get();
        int layers = c.size("num_hidden_layers");
        if (!list.isArray() || list.size() != layers) {
            throw c.wrong(list, "a list of num_hidden_layers = " + layers + " entries", TYPES);
        }
        for (JsonNode type : list) {
            if (!type.asText().equals("dense") && !type.asText().equals("sparse")) {
                throw c.wrong(type, "dense or sparse", TYPES);
            }
        }
        return layer -> list.get(layer).asText().equals("dense");
    }

    /** With biases in the dense and the shared feed-forwards, not in the mixture's. */
    DenseThenSparse biased(boolean bias) {
        return new DenseThenSparse(isDense, dense.biased(bias), mixture, shared == null ? null : shared.biased(bias));
    }

    /** The feed-forward of a layer, counted from 0. */
    PreNorm.Block ofLayer(int layer) {
        if (isDense.test(layer)) {
            return (s, y, like) -> dense.apply(s.in("mlp"), y, like);
        }
        if (shared == null) {
            return (s, y, like) -> mixture.apply(s.in("mlp"), y, like);
        }
        return (s, y, like) -> mixture.apply(s.in("mlp"), y, like)
                .plus(shared.apply(s.in("mlp").in("shared_experts"), y, like));
    }
}
