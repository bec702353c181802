package dev.lockstep.architecture;

import dev.lockstep.checkpoint.Config;
import dev.lockstep.checkpoint.WeightExpression;
import dev.lockstep.graph.Op;
import dev.lockstep.graph.RotaryTable;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.Value;
import java.util.List;
import java.util.Optional;

/**
 * Multi-head latent attention (DeepSeek-V2 2024, section 2.1) in its absorbed form: keys and values of all heads are maps
 * of one latent vector a row, so queries are taken through a head's key map to the latent instead, and what a head gathers
 * of latents through its value map. Only the latent and one turned key for all heads are kept.
 *
 * @param queryLatent width of the latent that queries come from, or 0 where they come from the input
 * @param keyLatent width of the latent of keys and values
 * @param plain features of a head's query that do not turn
 * @param turned features that do
 * @param values features of a head's value
 * @param bias whether the maps to the latents and the output have one
 * @param interleaved whether neighbouring features turn together
 * @param scale of the scores
 */
record LatentAttention(
        int heads,
        int queryLatent,
        int keyLatent,
        int plain,
        int turned,
        int values,
        boolean bias,
        boolean interleaved,
        RotaryTable rope,
        double scale) {
    /** Of the norms of latents, whatever the config says of others. */
    private static final double EPSILON = 1e-6;

    /** What the sizes are of a config without the keys, in the order of the record. */
    record Absent(int queryLatent, int keyLatent, int plain, int turned, int values) {}

    /** From the published keys. */
    static LatentAttention of(Config c, boolean interleaved, Absent absent) {
        int heads = c.size("num_attention_heads");
        if (c.sizeOr(heads, "num_key_value_heads") != heads) {
            throw c.wrong(
                    c.size("num_key_value_heads"),
                    "num_attention_heads = " + heads + ": every head has keys of its own",
                    "num_key_value_heads");
        }
        // An absent width is the published one; null means none.
        int queryLatent = c.json().has("q_lora_rank") && !c.has("q_lora_rank")
                ? 0
                : c.sizeOr(absent.queryLatent(), "q_lora_rank");
        int plain = c.sizeOr(absent.plain(), "qk_nope_head_dim");
        int turned = c.sizeOr(absent.turned(), "qk_rope_head_dim");
        if (turned % 2 != 0) {
            throw c.wrong(turned, "an even number: rotary positions turn pairs of features", "qk_rope_head_dim");
        }
        return new LatentAttention(
                heads,
                queryLatent,
                c.sizeOr(absent.keyLatent(), "kv_lora_rank"),
                plain,
                turned,
                c.sizeOr(absent.values(), "v_head_dim"),
                c.flag(false, "attention_bias"),
                interleaved,
                Rope.whole(c, turned),
                scale(c, plain + turned));
    }

    /** The root of a head's width, with the square of YaRN's magnitude over all features where it is published. */
    private static double scale(Config c, int width) {
        Optional<Config> stretched = Rope.published(c)
                .filter(s -> !s.text("rope_type", "type").orElse("default").equals("default"));
        double all = stretched.flatMap(s -> s.number("mscale_all_dim")).orElse(0.0);
        double magnitude = all == 0 ? 1 : RopeScaling.magnitude(RopeScaling.factor(stretched.orElseThrow()), all);
        return magnitude * magnitude / Math.sqrt(width);
    }

    /** The block at s over y; yields the axes of {@code like}. */
    Value apply(Scope s, Value y, Value like) {
        List<Value> latents =
                s.linear("kv_a_proj_with_mqa", y, keyLatent + turned, bias).split(keyLatent, turned);
        Value latent = s.rmsNorm("kv_a_layernorm", latents.get(0), EPSILON);
        Value key = s.concat(latent, s.rotary(latents.get(1), turned, interleaved, rope));
        Op.Attention op = new Op.Attention(heads, 1, scale, Op.Pattern.CAUSAL).withValuesInKeys();
        Value gathered = s.attention(query(s, y), key, latent, op);
        Value valued =
                s.headLinear(gathered, heads, values, new WeightExpression.Sliced(maps(s), 1, plain, plain + values));
        return s.linear("o_proj", valued, like, bias);
    }

    /** Queries over the latent, then their turned features, head by head. */
    private Value query(Scope s, Value y) {
        List<Value> parts = projected(s, y).unmerge(heads, plain + turned).splitAxis(1, plain, turned);
        WeightExpression keyMaps =
                new WeightExpression.Permuted(new WeightExpression.Sliced(maps(s), 1, 0, plain), List.of(0, 2, 1));
        return s.concatInside(
                s.headLinear(parts.get(0), heads, keyLatent, keyMaps),
                s.rotary(parts.get(1), turned, interleaved, rope));
    }

    private Value projected(Scope s, Value y) {
        int width = heads * (plain + turned);
        if (queryLatent == 0) {
            return s.linear("q_proj", y, width, false);
        }
        Value latent = s.rmsNorm("q_a_layernorm", s.linear("q_a_proj", y, queryLatent, bias), EPSILON);
        return s.linear("q_b_proj", latent, width, false);
    }

    /** Every head's map of the latent to its keys, then to its values: [heads, plain + values, keyLatent]. */
    private WeightExpression maps(Scope s) {
        return new WeightExpression.Reshaped(
                WeightExpression.tensor(s.name("kv_b_proj.weight")),
                List.of(heads * (plain + values), keyLatent),
                List.of(heads, plain + values, keyLatent));
    }
}
