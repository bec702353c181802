package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Routing;

/**
 * Feed-forwards as DeepSeek's configs publish them (Dai et al. 2024): dense in the first layers, then a mixture beside
 * experts that serve all rows.
 *
 * @param denseLayers the first so many
 * @param frequency of the layers after them, those whose number is a multiple have a mixture
 * @param shared the experts for all rows as one feed-forward, or null for none
 */
record DenseThenSparse(int denseLayers, int frequency, GatedMlp dense, Mixture mixture, GatedMlp shared) {

    /**
     * From the published keys, the routing aside.
     *
     * @param absentDense what a config without {@code first_k_dense_replace} means
     * @param absentShared the same of {@code n_shared_experts}; null means none
     */
    static DenseThenSparse of(Config c, StoredTensors stored, Routing routing, int absentDense, int absentShared) {
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        int inner = c.size("moe_intermediate_size");
        int shared =
                c.json().has("n_shared_experts") ? c.integer("n_shared_experts").orElse(0) : absentShared;
        if (shared < 0) {
            throw c.wrong(shared, "0 or more", "n_shared_experts");
        }
        Mixture mixture = Mixture.of(routing, function, inner, ExpertTensors.stored(stored, Mlp.GatedNames.LLAMA));
        return new DenseThenSparse(
                c.integer("first_k_dense_replace").orElse(absentDense),
                c.sizeOr(1, "moe_layer_freq"),
                GatedMlp.of(c, function),
                mixture,
                shared == 0 ? null : new GatedMlp(shared * inner, function, false, false));
    }

    /** The feed-forward of a layer, counted from 0. */
    PreNorm.Block ofLayer(int layer) {
        if (layer < denseLayers || layer % frequency != 0) {
            return (s, y, like) -> dense.apply(s.in("mlp"), y, like);
        }
        if (shared == null) {
            return (s, y, like) -> mixture.apply(s.in("mlp"), y, like);
        }
        return (s, y, like) -> mixture.apply(s.in("mlp"), y, like)
                .plus(shared.apply(s.in("mlp").in("shared_experts"), y, like));
    }
}
