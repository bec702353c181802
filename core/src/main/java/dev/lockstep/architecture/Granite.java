package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/** Granite 3 (dense): Llama's block with four factors: of embeddings, scores, what is added, and logits (a divisor). */
final class Granite implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("GraniteForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        double divisor = c.number(1, "logits_scaling");
        if (divisor == 0) {
            throw c.wrong(divisor, "a number to divide logits by", "logits_scaling");
        }
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES)
                .embeddingsTimes(c.number(1, "embedding_multiplier"))
                .logitsThrough(logits -> logits.times(1 / divisor));
        AttentionShape shape = AttentionShape.of(c);
        boolean bias = c.flag(false, "attention_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias),
                GatedMlp.of(c).biased(c.flag(false, "mlp_bias")));
        Op.Attention op = shape.causal(c.number(1, "attention_multiplier"), Reach.ALL);
        double added = c.number(1, "residual_multiplier");
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op, added));
    }
}
