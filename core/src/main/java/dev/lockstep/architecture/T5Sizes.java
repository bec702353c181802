package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.ActivationFunction;
import dev.lockstep.graph.ScoreTerm;

/**
 * What a T5 config says of all blocks.
 *
 * @param hidden features of the residual stream
 * @param headDim features of a head; heads * headDim may differ from hidden
 * @param inner features of the feed-forward
 * @param layers of the encoder
 * @param buckets rows of the tables of relative biases
 * @param maxDistance tokens from which on all distances share a bucket
 * @param gated whether the feed-forward has a gate (version 1.1)
 */
record T5Sizes(
        int vocabulary,
        int hidden,
        int heads,
        int headDim,
        int inner,
        int layers,
        int buckets,
        int maxDistance,
        double epsilon,
        ActivationFunction function,
        boolean gated) {

    static T5Sizes of(Config c) {
        String published = c.text("feed_forward_proj").orElse("relu");
        boolean gated = published.startsWith("gated-");
        return new T5Sizes(
                c.size("vocab_size"),
                c.size("d_model", "hidden_size"),
                c.size("num_heads", "num_attention_heads"),
                c.size("d_kv", "head_dim"),
                c.size("d_ff"),
                c.size("num_layers", "num_hidden_layers"),
                c.sizeOr(32, "relative_attention_num_buckets"),
                c.sizeOr(128, "relative_attention_max_distance"),
                c.number(1e-6, "layer_norm_epsilon"),
                function(c, gated ? published.substring("gated-".length()) : published, gated),
                c.flag(gated, "is_gated_act"));
    }

    /** The key derived from {@code feed_forward_proj} wins where it is stored. */
    private static ActivationFunction function(Config c, String name, boolean gated) {
        if (c.has("dense_act_fn")) {
            return Activations.of(c, name, "dense_act_fn");
        }
        // The gated form of this name has always meant the approximation.
        return Activations.named(c, gated && name.equals("gelu") ? "gelu_new" : name, "feed_forward_proj");
    }

    ScoreTerm.RelativeBuckets relative(boolean bidirectional) {
        return new ScoreTerm.RelativeBuckets(buckets, maxDistance, bidirectional);
    }
}
