package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.Set;

/**
 * Qwen2 and Qwen3 (dense): Llama's block, with biases on queries, keys and values in the former, norms of each head's
 * queries and keys in the latter.
 */
final class Qwen2 implements Architecture {

    /** What distinguishes the generations. */
    enum Generation {
        QWEN2("Qwen2ForCausalLM"),
        QWEN3("Qwen3ForCausalLM");

        private final ServedClasses classes;

        Generation(String name) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private final Generation generation;

    Qwen2(Generation generation) {
        this.generation = generation;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, generation.classes);
        Fixed.flag(c, false, "use_mrope", "positions of several dimensions are for images");
        double epsilon = c.number(1e-6, "rms_norm_eps");
        AttentionShape shape =
                generation == Generation.QWEN2 ? AttentionShape.of(c, 32) : AttentionShape.of(c, 32, 128);
        List<Reach> reaches = Windows.upperLayers(c, decoder.layers());
        DecoderBlock block = new DecoderBlock(Norm.rms(epsilon), attention(c, shape, epsilon), GatedMlp.of(c));
        return decoder.build(
                g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, shape.causal(reaches.get(index))));
    }

    private GroupedAttention attention(Config c, AttentionShape shape, double epsilon) {
        GroupedAttention plain = GroupedAttention.of(shape, Rope.whole(c, shape.headDim()));
        return switch (generation) {
            case QWEN2 -> plain.biased(true, false);
            case QWEN3 -> {
                boolean bias = c.flag(false, "attention_bias");
                yield plain.biased(bias, bias).beforeTurning(GroupedAttention.headNorms(shape, epsilon));
            }
        };
    }
}
