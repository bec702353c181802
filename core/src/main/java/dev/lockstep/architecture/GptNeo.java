package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * GPT-Neo (Black et al. 2021): GPT-2 with separate projections without biases, scores that are not scaled, and layers
 * that see a window only, by turns.
 */
final class GptNeo implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("GPTNeoForCausalLM", Model.Task.CAUSAL_LM);
    /** What an absent {@code window_size} means. */
    private static final int WINDOW = 256;

    @Override
    public Set<String> inertKeys() {
        return InertKeys.gpt("embed_dropout", "resid_dropout");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        int hidden = c.size("hidden_size");
        int heads = c.size("num_heads", "num_attention_heads");
        AttentionShape.even(c, hidden, heads, "num_heads");
        List<Reach> reaches = reaches(c, c.size("num_layers", "num_hidden_layers"));
        int positions = c.size("max_position_embeddings");
        int vocabulary = c.size("vocab_size");
        int inner = c.sizeOr(4 * hidden, "intermediate_size");
        double epsilon = c.number(1e-5, "layer_norm_epsilon");
        ActivationFunction function = Activations.of(c, "gelu_new", "activation_function");
        Op.Attention op = Attentions.plain(heads, 1, Op.Pattern.CAUSAL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, hidden, RowAxis.TARGET)
                .plus(model.positions("wpe", positions, 0, hidden, RowAxis.TARGET));
        int index = 0;
        for (Scope layer : model.layers("h", reaches.size())) {
            Value y = layer.layerNorm("ln_1", x, epsilon);
            x = x.plus(attention(layer.in("attn").in("attention"), x, y, op.within(reaches.get(index++))));
            y = layer.layerNorm("ln_2", x, epsilon);
            x = x.plus(Mlp.plain(layer.in("mlp"), x, y, inner, function, "c_fc", "c_proj", true));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, true, model.name("wte.weight"), "lm_head.weight");
        g.root().logits(model.layerNorm("ln_f", x, epsilon), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.of(positions), vocabulary);
    }

    private static Value attention(Scope s, Value x, Value y, Op.Attention op) {
        Value q = s.linear("q_proj", y, x.width(), false);
        Value k = s.linear("k_proj", y, x.width(), false);
        Value v = s.linear("v_proj", y, x.width(), false);
        return s.linear("out_proj", s.attention(q, k, v, op), x, true);
    }

    private static List<Reach> reaches(Config c, int layers) {
        Reach local = Reach.window(c.sizeOr(WINDOW, "window_size"));
        List<String> kinds = kinds(c, layers);
        List<Reach> reaches = new ArrayList<>();
        for (String kind : kinds) {
            reaches.add(
                    switch (kind) {
                        case "global" -> Reach.ALL;
                        case "local" -> local;
                        default -> throw c.wrong(kind, "global or local", "attention_types", "attention_layers");
                    });
        }
        return reaches;
    }

    /** The kind of each layer: {@code attention_layers}, or what {@code attention_types} expands to; by turns otherwise. */
    private static List<String> kinds(Config c, int layers) {
        Optional<JsonNode> types = c.node("attention_types");
        Optional<JsonNode> listed = c.node("attention_layers");
        List<String> expanded = types.map(groups -> expanded(groups, layers)).orElseGet(() -> byTurns(layers));
        if (expanded.size() != layers) {
            throw c.wrong(
                    types.orElseThrow(),
                    "lists of kinds with how often each recurs, for " + layers + " layers in all",
                    "attention_types");
        }
        List<String> kinds = listed.map(GptNeo::texts).orElse(expanded);
        if (kinds.size() != layers || types.isPresent() && !kinds.equals(expanded)) {
            throw c.wrong(
                    listed.orElseThrow(),
                    "a kind for each of " + layers + " layers, as attention_types says",
                    "attention_layers");
        }
        return kinds;
    }

    /** From [[kinds, times], ...]; stops above the number of layers. */
    private static List<String> expanded(JsonNode groups, int layers) {
        List<String> kinds = new ArrayList<>();
        for (JsonNode group : groups) {
            List<String> named = texts(group.path(0));
            int times = named.isEmpty() ? 0 : group.path(1).asInt();
            for (int i = 0; i < times && kinds.size() <= layers; i++) {
                kinds.addAll(named);
            }
        }
        return kinds;
    }

    private static List<String> byTurns(int layers) {
        List<String> kinds = new ArrayList<>();
        for (int i = 0; i < layers; i++) {
            kinds.add(i % 2 == 0 ? "global" : "local");
        }
        return kinds;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
