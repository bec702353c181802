package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import java.util.Set;

/**
 * MiniCPM3 (2024): DeepSeek's latent attention where the halves of what turns turn together, a gated feed-forward, and
 * three factors: of embeddings, what is added, and logits.
 */
final class MiniCpm3 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("MiniCPM3ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("head_dim", "max_position_embeddings", "qk_head_dim");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        int hidden = c.size("hidden_size");
        double logitFactor = base(c, hidden) / (double) hidden;
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES)
                .tiedByDefault()
                .embeddingsTimes(c.number(12, "scale_emb"))
                .logitsThrough(logits -> logits.times(logitFactor));
        int values = hidden / c.size("num_attention_heads");
        LatentAttention attention =
                LatentAttention.of(c, false, new LatentAttention.Absent(768, 256, 64, 32, Math.max(1, values)));
        GatedMlp mlp = GatedMlp.of(c).biased(c.flag(false, "mlp_bias"));
        Norm norm = Norm.rms(c.number(1e-5, "rms_norm_eps"));
        double added = added(c, decoder.layers());
        return decoder.build(
                g,
                norm,
                (layer, index, x) -> PreNorm.layer(
                        layer,
                        x,
                        norm,
                        (s, y, like) -> attention.apply(s.in("self_attn"), y, like),
                        (s, y, like) -> mlp.apply(s.in("mlp"), y, like),
                        added));
    }

    /** The width of the model that logits were tuned for; null means this one's. */
    private static int base(Config c, int hidden) {
        return c.json().has("dim_model_base") && !c.has("dim_model_base") ? hidden : c.sizeOr(256, "dim_model_base");
    }

    /** What attention and feed-forward add is multiplied by scale_depth over the root of the layers; null means by 1. */
    private static double added(Config c, int layers) {
        boolean none = c.json().has("scale_depth") && !c.has("scale_depth");
        return none ? 1 : c.number(1.4, "scale_depth") / Math.sqrt(layers);
    }
}
