package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/**
 * AFM (Arcee) and Jais 2: Llama's block with a plain feed-forward under a squared ReLU; the latter with layer norms and
 * biases.
 */
final class Arcee implements Architecture {

    /** Where the two differ. */
    enum Relative {
        ARCEE("ArceeForCausalLM"),
        JAIS2("Jais2ForCausalLM");

        private final ServedClasses classes;

        Relative(String name) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private final Relative relative;

    Arcee(Relative relative) {
        this.relative = relative;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, relative.classes);
        AttentionShape shape = AttentionShape.of(c);
        boolean biased = relative == Relative.JAIS2;
        boolean bias = c.flag(biased, "attention_bias");
        boolean mlpBias = c.flag(biased, "mlp_bias");
        int inner = c.size("intermediate_size");
        ActivationFunction function = Activations.of(c, "relu2", "hidden_act");
        DecoderBlock block = new DecoderBlock(
                norm(c),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias),
                (s, y, like) -> Mlp.plain(s, like, y, inner, function, "up_proj", "down_proj", mlpBias));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }

    private Norm norm(Config c) {
        return switch (relative) {
            case ARCEE -> Norm.rms(c.number(1e-5, "rms_norm_eps"));
            case JAIS2 -> Norm.layer(c.number(1e-5, "layer_norm_eps"));
        };
    }
}
