package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Mistral (Jiang et al. 2023): Llama's block with a sliding window in all layers; Ministral in some. */
final class Mistral implements Architecture {

    /** Where the window is. */
    enum Generation {
        MISTRAL("MistralForCausalLM"),
        MINISTRAL("MinistralForCausalLM");

        private final ServedClasses classes;

        Generation(String name) {
            classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        }
    }

    private final Generation generation;

    Mistral(Generation generation) {
        this.generation = generation;
    }

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, generation.classes);
        AttentionShape shape = AttentionShape.of(c, 8);
        List<Reach> reaches = reaches(c, decoder.layers());
        DecoderBlock block = new DecoderBlock(
                Norm.rms(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())),
                GatedMlp.of(c));
        return decoder.build(
                g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, shape.causal(reaches.get(index))));
    }

    private List<Reach> reaches(Config c, int layers) {
        return switch (generation) {
            case MISTRAL -> Windows.everywhere(c, layers);
            case MINISTRAL -> Windows.typed(c, layers, OptionalInt.of(Windows.ABSENT), layer -> true);
        };
    }
}
