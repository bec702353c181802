package dev.lockstep.architecture;

import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;

/**
 * A decoder layer under the names of the fairseq toolkit, whose models XGLM and BioGPT are: a norm before each sublayer,
 * biases everywhere.
 *
 * @param inner features between the feed-forward's maps
 * @param epsilon of both norms
 */
record FairseqLayer(Op.Attention op, int inner, ActivationFunction function, double epsilon) {

    /** The residual stream after the layer. */
    Value apply(Scope layer, Value x) {
        Value y = layer.layerNorm("self_attn_layer_norm", x, epsilon);
        Value attended = x.plus(Attentions.separate(layer.in("self_attn"), x, y, op, true));
        y = layer.layerNorm("final_layer_norm", attended, epsilon);
        return attended.plus(Mlp.plain(layer, attended, y, inner, function, "fc1", "fc2", true));
    }
}
