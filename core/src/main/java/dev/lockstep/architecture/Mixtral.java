package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Routing;
import java.util.Set;

/** Mixtral (Jiang et al. 2024): Mistral's block with a mixture of experts in every layer. */
final class Mixtral implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("MixtralForCausalLM", Model.Task.CAUSAL_LM);

    /** The published names of an expert's maps. */
    static final Mlp.GatedNames EXPERT = new Mlp.GatedNames("w1", "w3", "w2");

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "output_router_logits", "router_aux_loss_coef", "router_jitter_noise");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c, 8);
        Norm norm = Norm.rms(c.number(1e-5, "rms_norm_eps"));
        GroupedAttention attention = GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 1e6));
        ExpertCounts counts = ExpertCounts.of(c, 8, 2, "num_local_experts", "num_experts");
        Mixture mixture = Mixture.of(
                Routing.softmax(counts.experts(), counts.chosen(), true),
                Activations.of(c, "silu", "hidden_act"),
                c.size("intermediate_size"),
                ExpertTensors.stored(stored, EXPERT));
        Op.Attention op =
                shape.causal(Windows.everywhereIfGiven(c, decoder.layers()).get(0));
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(s.in("self_attn"), y, like, op),
                        (s, y, like) -> mixture.apply(s.in(place(stored, s.name("mlp.gate.weight"))), y, like)));
    }

    /** Newer files call the place of a mixture as they call that of any feed-forward. */
    static String place(StoredTensors stored, String newerRouter) {
        return stored.surelyHold(newerRouter, CausalDecoder.NAMES) ? "mlp" : "block_sparse_moe";
    }
}
