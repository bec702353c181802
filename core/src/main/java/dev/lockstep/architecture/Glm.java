package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/**
 * GLM-4 (GLM team 2024): Llama's block with a fused feed-forward, where neighbouring features of the first half of every
 * head turn together; its successor of 2025 adds norms after attention and feed-forward.
 */
final class Glm implements Architecture {

    /** What distinguishes the generations. */
    enum Generation {
        GLM("GlmForCausalLM", DecoderBlock.NormNames.BEFORE),
        GLM4(
                "Glm4ForCausalLM",
                new DecoderBlock.NormNames(
                        "input_layernorm",
                        "post_self_attn_layernorm",
                        "post_attention_layernorm",
                        "post_mlp_layernorm"));

        private final ServedClasses classes;
        private final DecoderBlock.NormNames norms;

        Generation(String name, DecoderBlock.NormNames norms) {
            this.norms = norms;
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private final Generation generation;

    Glm(Generation generation) {
        this.generation = generation;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, generation.classes);
        AttentionShape shape = AttentionShape.of(c, 2, 128);
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1.5625e-7, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.partial(c, shape.headDim(), 0.5, Rope.THETA))
                        .interleavedPairs()
                        .biased(c.flag(true, "attention_bias"), false),
                GatedMlp.of(c).fusedGate());
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.serial(layer, x, op, generation.norms, 1));
    }
}
