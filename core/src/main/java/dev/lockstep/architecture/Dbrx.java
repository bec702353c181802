package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.TensorNames;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.ExpertWeights;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Routing;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** DBRX (Databricks 2024): clamped projections, layer norms without shift, and a mixture in every layer. */
final class Dbrx implements Architecture {
    private static final TensorNames NAMES = TensorNames.prefixes("transformer.", "");
    private static final ServedClasses CLASSES = ServedClasses.of("DbrxForCausalLM", Model.Task.CAUSAL_LM);
    private static final Norm NORM = Norm.layerWithoutShift(1e-5);

    @Override
    public Set<String> inertKeys() {
        return Set.of("emb_pdrop", "max_seq_len", "output_router_logits", "resid_pdrop", "router_aux_loss_coef");
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        Model.Task task = CLASSES.task(c);
        Fixed.flag(c, false, "tie_word_embeddings", "the family's head is its own");
        int vocabulary = c.size("vocab_size");
        AttentionShape shape = shape(c);
        Config settings = part(c, "attn_config");
        GroupedAttention attention = GroupedAttention.of(shape, rope(c, settings, shape.headDim()))
                .fusedAs("Wqkv")
                .onceProjected(Olmo.clip(settings));
        Mixture mixture = mixture(part(c, "ffn_config"));
        Op.Attention op = shape.causal(Reach.ALL);
        Scope model = g.root().in("transformer");
        Value x = model.embed("wte", vocabulary, shape.hidden(), RowAxis.TARGET);
        for (Scope layer : model.layers("blocks", c.size("n_layers", "num_hidden_layers"))) {
            Scope first = layer.in("norm_attn_norm");
            Scope s = first.in("attn");
            x = x.plus(s.linear("out_proj", attention.attended(s, NORM.of(first, "norm_1", x), op), x, false));
            x = x.plus(mixture.apply(layer.in("ffn"), NORM.of(first, "norm_2", x), x));
        }
        WeightExpression head = Heads.matrix(c, stored, NAMES, false, model.name("wte.weight"), "lm_head.weight");
        g.root().logits(NORM.of(model, "norm_f", x), vocabulary, head, null);
        return new Model(task, g.finish(), NAMES, OptionalInt.empty(), vocabulary);
    }

    /** A nested object; an absent one is empty. */
    private static Config part(Config c, String key) {
        return c.child(key).orElseGet(() -> new Config(c.file() + " " + key, JsonNodeFactory.instance.objectNode()));
    }

    private static AttentionShape shape(Config c) {
        int hidden = c.size("d_model", "hidden_size");
        int heads = c.size("n_heads", "num_attention_heads");
        Config settings = part(c, "attn_config");
        int keyValueHeads = settings.sizeOr(1, "kv_n_heads");
        if (heads % keyValueHeads != 0) {
            throw settings.wrong(keyValueHeads, "a divisor of n_heads = " + heads, "kv_n_heads");
        }
        return new AttentionShape(hidden, heads, keyValueHeads, AttentionShape.even(c, hidden, heads, "n_heads"));
    }

    /** The base is among the attention's settings in the first configs, beside them in later ones. */
    private static RotaryTable rope(Config c, Config settings, int headDim) {
        double theta = settings.number(Rope.THETA, "rope_theta");
        RotaryTable table = Rope.whole(c, headDim, theta);
        if (settings.has("rope_theta") && table.theta() != theta) {
            throw settings.wrong(theta, "the model's rope_theta = " + table.theta(), "rope_theta");
        }
        return table;
    }

    private static Mixture mixture(Config s) {
        int experts = s.sizeOr(4, "moe_num_experts");
        int chosen = s.sizeOr(1, "moe_top_k");
        ExpertCounts.checked(s, experts, chosen, "moe_top_k", "moe_num_experts");
        boolean divided = !s.json().has("moe_normalize_expert_weights") || s.has("moe_normalize_expert_weights");
        if (divided) {
            Fixed.number(s, 1, "moe_normalize_expert_weights", "weights are divided by their sum, or null for not");
        }
        ActivationFunction function = s.child("ffn_act_fn")
                .map(named -> Activations.of(named, "silu", "name"))
                .orElse(ActivationFunction.SILU);
        return Mixture.of(
                        Routing.softmax(experts, chosen, divided),
                        function,
                        s.sizeOr(3584, "ffn_hidden_size"),
                        Dbrx::tensors)
                .routedBy("router.layer", false);
    }

    /** All experts' rows in one matrix for each map; the third is stored as [inner, hidden] too. */
    private static ExpertWeights tensors(Scope s, int experts, int inner, int hidden) {
        return new ExpertWeights(
                apart(s, "w1", experts, inner, hidden),
                apart(s, "v1", experts, inner, hidden),
                new WeightExpression.Permuted(apart(s, "w2", experts, inner, hidden), List.of(0, 2, 1)));
    }

    private static WeightExpression apart(Scope s, String name, int experts, int inner, int hidden) {
        return new WeightExpression.Reshaped(
                WeightExpression.tensor(s.name("experts.mlp." + name)),
                List.of(experts * inner, hidden),
                List.of(experts, inner, hidden));
    }
}
