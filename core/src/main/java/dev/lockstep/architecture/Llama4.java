package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.PositionFactor;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Llama 4 (2025), its text model: layers with positions see chunks, those without see all and may sharpen with the
 * position; experts' inputs are weighed, beside an expert for all rows.
 */
final class Llama4 implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("Llama4ForCausalLM", Model.Task.CAUSAL_LM);
    private static final String CHUNKED = "chunked_attention";

    @Override
    public Set<String> inertKeys() {
        return Set.of(
                "cache_implementation",
                "for_llm_compressor",
                "max_position_embeddings",
                "output_router_logits",
                "router_aux_loss_coef",
                "router_jitter_noise");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        int layers = decoder.layers();
        AttentionShape shape = AttentionShape.of(c, 8, 128);
        List<Boolean> turning = SmolLm3.turning(c, layers);
        List<Reach> reaches = reaches(c, turning);
        GroupedAttention turned = turned(c, shape);
        GroupedAttention unturned = unturned(c, turned);
        PreNorm.Block sparse = sparse(c);
        PreNorm.Block dense = dense(c);
        IntPredicate isSparse = sparseLayers(c, layers);
        Norm norm = Norm.rms(c.number(1e-5, "rms_norm_eps"));
        return decoder.build(g, norm, (layer, index, x) -> {
            GroupedAttention attention = turning.get(index) ? turned : unturned;
            Op.Attention op = shape.causal(reaches.get(index));
            return PreNorm.layer(
                    layer,
                    x,
                    norm,
                    (s, y, like) -> attention.apply(s.in("self_attn"), y, like, op),
                    isSparse.test(index) ? sparse : dense);
        });
    }

    private static GroupedAttention turned(Config c, AttentionShape shape) {
        boolean bias = c.flag(false, "attention_bias");
        GroupedAttention plain = GroupedAttention.of(shape, Rope.whole(c, shape.headDim(), 5e5))
                .interleavedPairs()
                .biased(bias, bias);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        return c.flag(true, "use_qk_norm")
                ? plain.afterTurning(
                        (s, which, x) -> s.headNorm(x, shape.headDim(), Op.NormKind.RMS, epsilon, null, null, false))
                : plain;
    }

    private static GroupedAttention unturned(Config c, GroupedAttention turned) {
        PositionFactor factor =
                new PositionFactor.Temperature(c.sizeOr(8192, "floor_scale"), c.number(0.1, "attn_scale"));
        boolean sharpens = c.flag(true, "attn_temperature_tuning");
        return turned.turnedBy(null)
                .afterTurning((s, which, x) -> sharpens && which.equals("q") ? s.scaleByPosition(x, factor) : x);
    }

    /** Chunks where {@code layer_types} says so, or else in the layers with positions. */
    private static List<Reach> reaches(Config c, List<Boolean> turning) {
        Optional<JsonNode> types = Windows.types(c, turning.size());
        boolean none = c.json().has("attention_chunk_size") && !c.has("attention_chunk_size");
        Reach chunk = none ? Reach.ALL : Reach.chunk(c.sizeOr(8192, "attention_chunk_size"));
        List<Reach> reaches = new ArrayList<>();
        for (int layer = 0; layer < turning.size(); layer++) {
            String type = types.isPresent()
                    ? types.get().get(layer).asText()
                    : turning.get(layer) && !none ? CHUNKED : Windows.FULL;
            reaches.add(
                    switch (type) {
                        case CHUNKED -> {
                            if (none) {
                                throw c.wrong(
                                        CHUNKED,
                                        Windows.FULL + " while attention_chunk_size is null",
                                        "layer_types[" + layer + "]");
                            }
                            yield chunk;
                        }
                        case Windows.FULL -> Reach.ALL;
                        default -> throw c.wrong(type, CHUNKED + " or " + Windows.FULL, "layer_types");
                    });
        }
        return reaches;
    }

    /** The layers that {@code moe_layers} lists, or else every so many. */
    private static IntPredicate sparseLayers(Config c, int layers) {
        int step = c.sizeOr(1, "interleave_moe_layer_step");
        if (!c.has("moe_layers")) {
            return layer -> (layer + 1) % step == 0;
        }
        List<Integer> listed = c.integers("moe_layers");
        listed.stream().filter(layer -> layer < 0 || layer >= layers).forEach(layer -> {
            throw c.wrong(layer, "numbers below num_hidden_layers = " + layers, "moe_layers");
        });
        return listed::contains;
    }

    private static PreNorm.Block sparse(Config c) {
        ActivationFunction function = Activations.of(c, "silu", "hidden_act");
        ExpertCounts counts = ExpertCounts.of(c, 16, 1, "num_local_experts", "num_experts");
        int inner = c.size("intermediate_size");
        Routing routing = new Routing(
                counts.experts(), counts.chosen(), new Routing.Sigmoid(), Optional.empty(), false, false, 1);
        Mixture mixture = Mixture.of(routing, function, inner, ExpertTensors.columns())
                .routedBy("router", false)
                .weighingInputs();
        GatedMlp shared = new GatedMlp(inner, function, false, false);
        return (s, y, like) -> mixture.apply(s.in("feed_forward"), y, like)
                .plus(shared.apply(s.in("feed_forward").in("shared_expert"), y, like));
    }

    private static PreNorm.Block dense(Config c) {
        GatedMlp dense = new GatedMlp(
                c.sizeOr(16384, "intermediate_size_mlp"), Activations.of(c, "silu", "hidden_act"), false, false);
        return (s, y, like) -> dense.apply(s.in("feed_forward"), y, like);
    }
}
