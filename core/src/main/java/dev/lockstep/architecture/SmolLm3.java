package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** SmolLM3: Llama's block, with layers without positions; where windows are used, those layers have them. */
final class SmolLm3 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("SmolLM3ForCausalLM", Model.Task.CAUSAL_LM);

    @Override
    public Set<String> inertKeys() {
        return Set.of("max_position_embeddings", "max_window_layers");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES).tiedByDefault();
        AttentionShape shape = AttentionShape.of(c, 4);
        boolean bias = c.flag(false, "attention_bias");
        List<Boolean> turning = turning(c, decoder.layers());
        List<Reach> reaches = Windows.ifUsed(c, decoder.layers(), OptionalInt.empty(), layer -> !turning.get(layer));
        DecoderBlock turned = new DecoderBlock(
                Norm.rms(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 2e6)).biased(bias, bias),
                GatedMlp.of(c).biased(c.flag(false, "mlp_bias")));
        DecoderBlock unturned = turned.with(turned.attention().turnedBy(null));
        return decoder.build(g, turned.norm(), (layer, index, x) -> (turning.get(index) ? turned : unturned)
                .preNorm(layer, x, shape.causal(reaches.get(index))));
    }

    /** Layers with positions: what {@code no_rope_layers} marks with 1, or else all but every so many. */
    static List<Boolean> turning(Config c, int layers) {
        Optional<JsonNode> marks = c.node("no_rope_layers").filter(list -> !list.isArray() || !list.isEmpty());
        int interval = c.sizeOr(4, "no_rope_layer_interval");
        if (marks.isPresent() && (!marks.get().isArray() || marks.get().size() != layers)) {
            throw c.wrong(
                    marks.get(), "a list of num_hidden_layers = " + layers + " entries, 0 or 1", "no_rope_layers");
        }
        List<Boolean> turning = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            turning.add(marks.isPresent() ? marks.get().get(layer).asInt() != 0 : (layer + 1) % interval != 0);
        }
        return turning;
    }
}
