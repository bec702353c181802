package dev.lockstep.generate;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import java.util.Arrays;

/** A sample's log-probabilities as they come in, token by token. */
final class LogprobRecord {
    private final int alternatives;
    private float[] chosen = new float[16];
    private int[] topTokens;
    private float[] top;
    private int length;

    /** @param alternatives most probable tokens to keep for each, at most the vocabulary */
    LogprobRecord(int alternatives) {
        this.alternatives = alternatives;
        this.topTokens = new int[16 * alternatives];
        this.top = new float[16 * alternatives];
    }

    void ask(StepInput input) {
        input.plain = true;
        input.alternatives = Math.max(input.alternatives, alternatives);
    }

    /** Notes the candidate of an output row that was taken. */
    void add(StepOutput output, int row, int candidate) {
        if (length == chosen.length) {
            chosen = Arrays.copyOf(chosen, 2 * length);
            topTokens = Arrays.copyOf(topTokens, 2 * length * alternatives);
            top = Arrays.copyOf(top, 2 * length * alternatives);
        }
        StepOutput.Plain plain = output.plain();
        float mass = plain.logSumExp()[row];
        chosen[length] = plain.logits()[row * output.candidates() + candidate] - mass;
        for (int i = 0; i < alternatives; i++) {
            int from = row * plain.alternatives() + i;
            topTokens[length * alternatives + i] = plain.bestTokens()[from];
            top[length * alternatives + i] = plain.bestLogits()[from] - mass;
        }
        length++;
    }

    void clear() {
        length = 0;
    }

    Logprobs logprobs() {
        return new Logprobs(
                Arrays.copyOf(chosen, length),
                alternatives,
                Arrays.copyOf(topTokens, length * alternatives),
                Arrays.copyOf(top, length * alternatives));
    }
}
