package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Optional;
import java.util.Set;

/** OLMo (Groeneveld et al. 2024): Llama's block with layer norms without weights and clipped projections. */
final class Olmo implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("OlmoForCausalLM", Model.Task.CAUSAL_LM);
    private static final double EPSILON = 1e-5;

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        boolean bias = c.flag(false, "attention_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.layerWithoutWeights(EPSILON),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                        .biased(bias, bias)
                        .onceProjected(clip(c)),
                GatedMlp.of(c));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }

    /** {@code clip_qkv}: the largest magnitude of queries, keys and values. */
    static GroupedAttention.Touch clip(Config c) {
        Optional<Double> limit = c.number("clip_qkv");
        if (limit.isEmpty()) {
            return GroupedAttention.Touch.NONE;
        }
        double bound = limit.get();
        if (bound <= 0) {
            throw c.wrong(bound, "a positive number, or null for no limit", "clip_qkv");
        }
        return (s, which, x) -> s.clamp(x, -bound, bound);
    }
}
