package dev.lockstep.architecture;

import dev.lockstep.graph.Op;
import dev.lockstep.graph.Reach;
import dev.lockstep.graph.Scope;
import dev.lockstep.graph.ScoreTerm;
import dev.lockstep.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** The usual attention ops. */
final class Attentions {
    private Attentions() {}

    /** Causal attention with scores divided by the root of the head's width. */
    static Op.Attention causal(int heads, int keyValueHeads, int headDim, Reach reach) {
        return new Op.Attention(heads, keyValueHeads, 1 / Math.sqrt(headDim), Op.Pattern.CAUSAL).within(reach);
    }

    /** Any pattern over as many key-value heads as heads, with a given scale and position bias. */
    static Op.Attention plain(int heads, double scale, Op.Pattern pattern, ScoreTerm... terms) {
        return new Op.Attention(heads, heads, scale, pattern).plus(terms);
    }

    /** Attention over separate projections {@code q_proj, k_proj, v_proj, out_proj}; yields the axes of {@code like}. */
    static Value separate(Scope s, Value like, Value y, Op.Attention op, boolean bias) {
        int width = like.width();
        Value q = s.linear("q_proj", y, width, bias);
        Value k = s.linear("k_proj", y, width, bias);
        Value v = s.linear("v_proj", y, width, bias);
        return s.linear("out_proj", s.attention(q, k, v, op), like, bias);
    }

    /**
     * Slopes of linear biases (Press et al. 2022): a geometric sequence from 2^(-8/n) for a power of two; otherwise that
     * of the closest smaller power, then every second slope of the doubled one.
     */
    static ScoreTerm.Alibi alibi(int heads) {
        int power = Integer.highestOneBit(heads);
        List<Double> slopes = new ArrayList<>();
        for (int i = 0; i < power; i++) {
            slopes.add(Math.pow(2, -8.0 * (i + 1) / power));
        }
        for (int i = 0; i < 2 * (heads - power); i += 2) {
            slopes.add(Math.pow(2, -4.0 * (i + 1) / power));
        }
        return new ScoreTerm.Alibi(slopes);
    }
}
