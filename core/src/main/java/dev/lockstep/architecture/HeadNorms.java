package dev.lockstep.architecture;

import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.stream.IntStream;

/** Layer norms of every query and key head, stored at {@code q_layernorm} and {@code k_layernorm}. */
final class HeadNorms {
    private HeadNorms() {}

    /** One scale and shift [headDim] that all heads share. */
    static GroupedAttention.Touch shared(int headDim, double epsilon) {
        return (s, which, x) -> s.headNorm(
                x,
                headDim,
                Op.NormKind.LAYER,
                epsilon,
                WeightExpression.tensor(s.name(which + "_layernorm.weight")),
                WeightExpression.tensor(s.name(which + "_layernorm.bias")),
                false);
    }

    /** A scale [headDim] for each head, a tensor of its own at {@code norms.0}, {@code norms.1}, ...; no shift. */
    static GroupedAttention.Touch eachHead(int headDim, double epsilon) {
        return (s, which, x) ->
                s.headNorm(x, headDim, Op.NormKind.LAYER, epsilon, scales(s, which, x, headDim), null, true);
    }

    private static WeightExpression scales(Scope s, String which, Value x, int headDim) {
        List<WeightExpression> heads = IntStream.range(0, x.width() / headDim)
                .mapToObj(head ->
                        WeightExpression.tensor(s.name(which + "_layernorm.norms." + head + ".weight"), headDim))
                .toList();
        return new WeightExpression.Concatenated(0, heads);
    }
}
