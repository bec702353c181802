package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.Set;

/**
 * Command R (Cohere): attention and gated MLP side by side under one layer norm without shift, neighbouring features of a
 * head turning together, and scaled logits. Command R+ has layer norms of each head's queries and keys.
 */
final class Cohere implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("CohereForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "model_max_length");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        AttentionShape shape = AttentionShape.of(c);
        double epsilon = c.number(1e-5, "layer_norm_eps");
        DecoderBlock plain = block(c, shape, epsilon, 5e5);
        DecoderBlock block = c.flag(false, "use_qk_norm")
                ? plain.with(plain.attention().beforeTurning(headNorms(shape, epsilon)))
                : plain;
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder(c, stored, CLASSES).build(g, block.norm(), (layer, index, x) -> block.parallel(layer, x, op));
    }

    /** A frame with a tied head and scaled logits. */
    static CausalDecoder decoder(Config c, StoredTensors stored, ServedClasses classes) {
        double factor = c.number(0.0625, "logit_scale");
        return CausalDecoder.of(c, stored, classes).tiedByDefault().logitsThrough(logits -> logits.times(factor));
    }

    static DecoderBlock block(Config c, AttentionShape shape, double epsilon, double theta) {
        boolean bias = c.flag(false, "attention_bias");
        return new DecoderBlock(
                Norm.layerWithoutShift(epsilon),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), theta))
                        .interleavedPairs()
                        .biased(bias, bias),
                GatedMlp.of(c));
    }

    /** Each head has a scale of its own: weights [heads, headDim]. */
    private static GroupedAttention.Touch headNorms(AttentionShape shape, double epsilon) {
        return (s, which, x) -> headNorm(s, which + "_norm.weight", x, shape.headDim(), epsilon);
    }

    private static Value headNorm(Scope s, String name, Value x, int headDim, double epsilon) {
        int heads = x.width() / headDim;
        WeightExpression scale = new WeightExpression.Reshaped(
                WeightExpression.tensor(s.name(name)), List.of(heads, headDim), List.of(heads * headDim));
        return s.headNorm(x, headDim, Op.NormKind.LAYER, epsilon, scale, null, true);
    }
}
