package dev.lockstep.generate;

import dev.lockstep.graph.Reach;
import java.util.List;

/**
 * A tiny deterministic model: its logits are a hash of all keys a row sees in each group of caches, in order, so that any
 * key that is missing, stale, misplaced, of another group or another row's changes them.
 */
final class HashModel {
    final int vocabulary;
    final List<Reach> groups;

    /** A model whose layers all see all keys. */
    HashModel(int vocabulary) {
        this(vocabulary, List.of(Reach.ALL));
    }

    /** @param groups how far back each group of its layers sees */
    HashModel(int vocabulary, List<Reach> groups) {
        this.vocabulary = vocabulary;
        this.groups = groups;
    }

    /**
     * What a decoder row writes into the cache of a group. It depends on all tokens before it, as keys of a model's
     * deeper layers do.
     *
     * @param before what the row before it wrote; 0 for the first
     */
    static long key(long before, int token, int position, int group) {
        return mix(before + token * 1_000_003L + position + 1 + group * 0x1_0000_0000L);
    }

    /** What an encoder row writes into the cross cache: it depends on the whole source. */
    static long crossKey(int[] source, int position) {
        long all = 17;
        for (int token : source) {
            all = mix(all * 31 + token + 1);
        }
        return mix(all + source[position] * 7919L + position);
    }

    static long fold(long state, long key) {
        return mix(state * 31 + key);
    }

    /** The logits of a row that has seen keys folded to this state, [vocabulary]. */
    float[] logits(long state) {
        float[] logits = new float[vocabulary];
        for (int token = 0; token < vocabulary; token++) {
            logits[token] = (mix(state + 0x9e37_79b9L * token) >>> 40) * 0x1p-24f * 8 - 4;
        }
        return logits;
    }

    /** The logits after the last of the tokens, without any cache; {@code source} is null for decoder-only. */
    float[] naive(int[] source, int[] tokens) {
        long state = 1;
        for (int i = 0; source != null && i < source.length; i++) {
            state = fold(state, crossKey(source, i));
        }
        for (int group = 0; group < groups.size(); group++) {
            int first = groups.get(group).firstKey(tokens.length - 1);
            long key = 0;
            for (int i = 0; i < tokens.length; i++) {
                key = key(key, tokens[i], i, group);
                state = i < first ? state : fold(state, key);
            }
        }
        return logits(state);
    }

    static float logSumExp(float[] logits, double temperature) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / temperature);
        }
        return (float) Math.log(sum);
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 33)) * 0xff51_afd7_ed55_8ccdL;
        z = (z ^ (z >>> 29)) * 0xc4ce_b9fe_1a85_ec53L;
        return z ^ (z >>> 32);
    }
}
