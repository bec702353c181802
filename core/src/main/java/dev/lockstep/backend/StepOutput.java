package dev.lockstep.backend;

import java.util.Map;

/**
 * The outputs of a step, the same on every rank. Candidates are ordered by logit, best first; ties go to the lower
 * token. Their logits are those after {@link StepInput#rules}. A token with a logit of negative infinity must not be
 * selected.
 *
 * @param rows output rows, in the order of {@link StepInput#outputRowIndex}
 * @param candidates candidates per row
 * @param tokens token ids [rows, candidates]
 * @param logits their logits [rows, candidates], not divided by a temperature
 * @param logSumExp natural logarithm of the sum of exp(logit / {@link StepInput#massTemperature}) over the vocabulary,
 *     [rows]
 * @param entropy of the softmax of logit / {@link StepInput#massTemperature}, in nats, [rows]; valid only for rows that
 *     request it by {@link StepInput#entropy}
 * @param drawn whether the first candidate is a draw from the nucleus of {@link StepInput#nucleusTemperature}, [rows]
 * @param plain the model's logits before the rules; null unless requested
 * @param full whole outputs by name, each [rows of its axis, width]; empty unless requested
 */
public record StepOutput(
        int rows,
        int candidates,
        int[] tokens,
        float[] logits,
        float[] logSumExp,
        float[] entropy,
        boolean[] drawn,
        Plain plain,
        Map<String, Rows> full) {

    /** The name of a whole output: logits over the vocabulary (or labels), [output rows, vocabulary]. */
    public static final String LOGITS = "logits";
    /** The name of a whole output: the last encoder states of an encoder-decoder, [source rows, hidden]. */
    public static final String ENCODER = "encoder";

    /** The name of a whole output: an encoder's last hidden states, [rows, hidden]. */
    public static final String HIDDEN = "hidden";
    /** The name of {@link #HIDDEN} pooled by {@link StepInput#pooling}, [sequences, hidden]. */
    public static final String EMBEDDING = "embedding";

    /**
     * The model's outputs before {@link StepInput#rules} and temperatures.
     *
     * @param logits of the candidates, [rows, candidates]
     * @param logSumExp over the vocabulary, [rows]
     * @param alternatives best tokens per row
     * @param bestTokens token ids [rows, alternatives], best first; ties go to the lower token
     * @param bestLogits their logits [rows, alternatives]
     */
    public record Plain(float[] logits, float[] logSumExp, int alternatives, int[] bestTokens, float[] bestLogits) {}

    /** An output with candidates only. */
    public StepOutput(int rows, int candidates, int[] tokens, float[] logits, float[] logSumExp) {
        this(rows, candidates, tokens, logits, logSumExp, new float[rows], new boolean[rows], null, Map.of());
    }

    /** An output without draws from a nucleus. */
    public StepOutput(
            int rows,
            int candidates,
            int[] tokens,
            float[] logits,
            float[] logSumExp,
            float[] entropy,
            Plain plain,
            Map<String, Rows> full) {
        this(rows, candidates, tokens, logits, logSumExp, entropy, new boolean[rows], plain, full);
    }

    /** An output with whole outputs only. */
    public static StepOutput whole(int rows, Map<String, Rows> full) {
        return new StepOutput(
                rows, 0, new int[0], new float[0], new float[0], new float[0], new boolean[0], null, full);
    }

    /** A matrix of fp32 values, row-major. */
    public record Rows(int rows, int width, float[] values) {}
}
