package dev.lockstep.backend;

import java.util.Map;

/**
 * What a step yields, the same on every rank. Candidates are ordered by logit, best first, ties by the lower token; their
 * logits are those that {@link StepInput#rules} made. A logit of negative infinity is a token that may not be taken.
 *
 * @param rows output rows, in the order of {@link StepInput#outputRowIndex}
 * @param candidates candidates per row
 * @param tokens token ids [rows, candidates]
 * @param logits their logits [rows, candidates], undivided
 * @param logSumExp natural logarithm of the sum of exp(logit / {@link StepInput#massTemperature}) over the vocabulary,
 *     [rows]
 * @param entropy of the softmax of logit / {@link StepInput#massTemperature}, in nats, [rows]; meaningful for rows that
 *     {@link StepInput#entropy} asks it for
 * @param drawn whether the first candidate is a draw from {@link StepInput#nucleusTemperature}'s nucleus, [rows]
 * @param plain what the model said before the rules; null unless asked for
 * @param full whole outputs by name, each [rows of its axis, width]; empty unless asked for
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
     * What the model said before {@link StepInput#rules} and temperatures.
     *
     * @param logits of the candidates, [rows, candidates]
     * @param logSumExp over the vocabulary, [rows]
     * @param alternatives best tokens per row
     * @param bestTokens token ids [rows, alternatives], best first, ties by the lower token
     * @param bestLogits their logits [rows, alternatives]
     */
    public record Plain(float[] logits, float[] logSumExp, int alternatives, int[] bestTokens, float[] bestLogits) {}

    /** Candidates alone. */
    public StepOutput(int rows, int candidates, int[] tokens, float[] logits, float[] logSumExp) {
        this(rows, candidates, tokens, logits, logSumExp, new float[rows], new boolean[rows], null, Map.of());
    }

    /** Without draws from a nucleus. */
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

    /** Whole outputs alone. */
    public static StepOutput whole(int rows, Map<String, Rows> full) {
        return new StepOutput(
                rows, 0, new int[0], new float[0], new float[0], new float[0], new boolean[0], null, full);
    }

    /** A matrix of fp32 values, row-major. */
    public record Rows(int rows, int width, float[] values) {}
}
