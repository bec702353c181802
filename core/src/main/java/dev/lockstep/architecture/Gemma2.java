package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Reach;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Gemma 2: Gemma with norms on both sides of attention and feed-forward, soft caps, and windows in every other layer.
 * VaultGemma leaves the norms after them out.
 */
final class Gemma2 implements Architecture {

    /** The norms of Gemma 2 and 3. */
    static final DecoderBlock.NormNames NORMS = new DecoderBlock.NormNames(
            "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm");

    private static final DecoderBlock.NormNames VAULT_NORMS =
            new DecoderBlock.NormNames("input_layernorm", null, "pre_feedforward_layernorm", null);

    private final ServedClasses classes;
    private final DecoderBlock.NormNames norms;

    private Gemma2(String name, DecoderBlock.NormNames norms) {
        this.classes = ServedClasses.of(name, Model.Task.CAUSAL_LM);
        this.norms = norms;
    }

    static Gemma2 gemma2() {
        return new Gemma2("Gemma2ForCausalLM", NORMS);
    }

    static Gemma2 vaultGemma() {
        return new Gemma2("VaultGemmaForCausalLM", VAULT_NORMS);
    }

    @Override
    public Set<String> inertKeys() {
        // The activation's name is read from hidden_activation.
        return Set.of("cache_implementation", "hidden_act", "max_position_embeddings");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Fixed.flag(c, false, "use_bidirectional_attention", "Gemma is served as a decoder");
        CausalDecoder decoder = decoder(c, stored, g, classes, OptionalDouble.of(30));
        AttentionShape shape = AttentionShape.of(c, 4, 256);
        boolean bias = c.flag(false, "attention_bias");
        DecoderBlock block = new DecoderBlock(
                Norm.rmsOfOnePlus(c.number(1e-6, "rms_norm_eps")),
                GroupedAttention.of(shape, Rope.whole(c, shape.headDim())).biased(bias, bias),
                GatedMlp.of(c, Activations.of(c, "gelu_pytorch_tanh", "hidden_activation")));
        List<Reach> reaches =
                Windows.typed(c, decoder.layers(), OptionalInt.of(Windows.ABSENT), layer -> layer % 2 == 0);
        OptionalDouble cap = cap(c, "attn_logit_softcapping", OptionalDouble.of(50));
        double scale = scale(c);
        return decoder.build(
                g,
                block.norm(),
                (layer, index, x) -> block.serial(
                        layer, x, shape.causal(scale, reaches.get(index)).capped(cap), norms, 1));
    }

    /** Tied, with scaled token embeddings, and logits capped where the config or its absence says so. */
    static CausalDecoder decoder(
            Config c, StoredTensors stored, GraphBuilder g, ServedClasses classes, OptionalDouble absentCap) {
        CausalDecoder decoder =
                CausalDecoder.of(c, stored, classes).tiedByDefault().embeddingsTimes(Math.sqrt(c.size("hidden_size")));
        OptionalDouble cap = cap(c, "final_logit_softcapping", absentCap);
        return cap.isEmpty()
                ? decoder
                : decoder.logitsThrough(logits -> g.root().softCap(logits, cap.getAsDouble()));
    }

    /** What scores are multiplied by. */
    static double scale(Config c) {
        double width = c.number(256, "query_pre_attn_scalar");
        if (width <= 0) {
            throw c.wrong(width, "a positive number", "query_pre_attn_scalar");
        }
        return 1 / Math.sqrt(width);
    }

    /** Null means none, which an absent key may not. */
    private static OptionalDouble cap(Config c, String key, OptionalDouble absent) {
        if (!c.has(key)) {
            return c.json().has(key) ? OptionalDouble.empty() : absent;
        }
        double cap = c.number(0, key);
        if (cap <= 0) {
            throw c.wrong(cap, "a positive number, or null for no cap", key);
        }
        return OptionalDouble.of(cap);
    }
}
