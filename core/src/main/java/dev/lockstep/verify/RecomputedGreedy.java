package dev.lockstep.verify;

import dev.lockstep.backend.StepOutput;
import dev.lockstep.generate.Scorer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Greedy continuation by running the whole sequence again at every step, as the reference does: the only unambiguous
 * one where positions depend on the sequence's length, since cached keys were computed for earlier lengths.
 */
final class RecomputedGreedy {
    private RecomputedGreedy() {}

    static List<Scorer.Greedy> of(Scorer scorer, List<Scorer.Case> cases, int[] lengths) {
        List<Scorer.Greedy> results = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            results.add(of(scorer, cases.get(i).inputIds(), lengths[i]));
        }
        return results;
    }

    private static Scorer.Greedy of(Scorer scorer, int[] prompt, int length) {
        int[] tokens = new int[length];
        float[] margins = new float[length];
        int[] sequence = prompt;
        for (int step = 0; step < length; step++) {
            StepOutput.Rows logits =
                    scorer.outputs(List.of(Scorer.Case.of(sequence))).get(0).get("logits");
            int last = (logits.rows() - 1) * logits.width();
            int best = 0;
            float second = Float.NEGATIVE_INFINITY;
            for (int token = 1; token < logits.width(); token++) {
                float value = logits.values()[last + token];
                if (value > logits.values()[last + best]) {
                    second = logits.values()[last + best];
                    best = token;
                } else {
                    second = Math.max(second, value);
                }
            }
            tokens[step] = best;
            margins[step] = logits.values()[last + best] - second;
            sequence = Arrays.copyOf(sequence, sequence.length + 1);
            sequence[sequence.length - 1] = best;
        }
        return new Scorer.Greedy(tokens, margins);
    }
}
