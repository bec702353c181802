package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.graph.GraphBuilder;
import dev.lockstep.graph.Model;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import java.util.Set;

/** Hunyuan (dense): Llama's block with norms of each head's queries and keys after they turned. */
final class HunyuanDense implements Architecture {
    private static final ServedClasses CLASSES = ServedClasses.of("HunYuanDenseV1ForCausalLM", Model.Task.CAUSAL_LM);

    /** Of both kinds, dense and with experts. */
    static final Set<String> INERT = Set.of(
            "add_classification_head",
            "attention_head_dim",
            "cla_share_factor",
            "class_num",
            "dense_list",
            "enable_lm_head_fp32",
            "eod_token_id",
            "im_end_id",
            "im_newline_id",
            "im_start_id",
            "image_token_id",
            "mask_init_id",
            "max_position_embeddings",
            "max_seqlen",
            "norm_type",
            "org_vocab_size",
            "pad_id",
            "pool_type",
            "text_end_id",
            "text_start_id",
            "use_rotary_pos_emb");

    @Override
    public Set<String> inertKeys() {
        return INERT;
    }

    @Override
    public Model build(Config c, StoredTensors stored, GraphBuilder g) {
        CausalDecoder decoder = CausalDecoder.of(c, stored, CLASSES);
        AttentionShape shape = AttentionShape.of(c);
        double epsilon = c.number(1e-5, "rms_norm_eps");
        DecoderBlock block = new DecoderBlock(Norm.rms(epsilon), attention(c, shape, epsilon), GatedMlp.of(c));
        Op.Attention op = shape.causal(Reach.ALL);
        return decoder.build(g, block.norm(), (layer, index, x) -> block.preNorm(layer, x, op));
    }

    /** The attention of both kinds; refuses what neither has. */
    static GroupedAttention attention(Config c, AttentionShape shape, double epsilon) {
        Fixed.flag(c, true, "use_qk_norm", "this family always norms queries and keys");
        Fixed.flag(c, false, "use_cla", "layers that share keys and values are not served");
        Fixed.flag(c, false, "mlp_bias", "this family's feed-forward has no biases");
        Fixed.flag(c, false, "position_embedding_xdrope", "positions of several dimensions are for images");
        boolean bias = c.flag(false, "attention_bias");
        return GroupedAttention.of(shape, Rope.whole(c, shape.headDim()))
                .biased(bias, bias)
                .afterTurning((s, which, x) -> s.headRmsNorm(
                        which.equals("q") ? "query_layernorm" : "key_layernorm", x, shape.headDim(), epsilon));
    }
}
