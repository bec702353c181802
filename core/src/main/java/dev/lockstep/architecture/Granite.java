package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/**
 * Granite 3 (dense): Llama's block with four factors: of embeddings, scores, what is added, and logits (a divisor).
 * HyperCLOVA X, which multiplies logits, adds norms after attention and feed-forward.
 */
final class Granite implements Architecture {
    private static final DecoderBlock.NormNames PERI_NORMS =
            new DecoderBlock.NormNames("input_layernorm", "post_norm1", "post_attention_layernorm", "post_norm2");

    /** Who publishes the factors. */
    enum Publisher {
        GRANITE("GraniteForCausalLM"),
        HYPERCLOVA_X("HyperCLOVAXForCausalLM");

        private final ServedClasses classes;

        Publisher(String name) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private final Publisher publisher;

    Granite(Publisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("embd_pdrop", "max_position_embeddings", "resid_pdrop");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        boolean granite = publisher == Publisher.GRANITE;
        double logitFactor = granite ? 1 / divisor(c) : c.number(1, "logits_scaling");
        CausalDecoder decoder = CausalDecoder.of(c, stored, publisher.classes)
                .embeddingsTimes(c.number(1, "embedding_multiplier"))
                .logitsThrough(logits -> logits.times(logitFactor));
        AttentionShape shape = AttentionShape.of(c);
        boolean bias = c.flag(false, "attention_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias),
                GatedMlp.of(c).biased(c.flag(false, "mlp_bias")));
        double scale = c.number(granite ? 1 : 1 / Math.sqrt(shape.headDim()), "attention_multiplier");
        double added = c.number(1, "residual_multiplier");
        DecoderBlock.NormNames norms =
                granite || !c.flag(true, "use_post_norm") ? DecoderBlock.NormNames.BEFORE : PERI_NORMS;
        Op.Attention op = shape.causal(scale, Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.serial(layer, x, op, norms, added));
    }

    /** {@code logits_scaling}, by which logits are divided. */
    static double divisor(Config c) {
        double divisor = c.number(1, "logits_scaling");
        if (divisor == 0) {
            throw c.wrong(divisor, "a number to divide logits by", "logits_scaling");
        }
        return divisor;
    }
}
