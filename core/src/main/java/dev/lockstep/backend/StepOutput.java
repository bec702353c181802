package dev.lockstep.backend;

import java.util.Map;

/**
 * What a step yields, the same on every rank. Candidates are ordered by logit, best first, ties by the lower token.
 *
 * @param rows output rows, in the order of {@link StepInput#outputRowIndex}
 * @param candidates candidates per row
 * @param tokens token ids [rows, candidates]
 * @param logits their logits [rows, candidates], undivided
 * @param logSumExp natural logarithm of the sum of exp(logit / {@link StepInput#massTemperature}) over the vocabulary,
 *     [rows]
 * @param full whole outputs by name, each [rows of its axis, width]; empty unless asked for
 */
public record StepOutput(
        int rows, int candidates, int[] tokens, float[] logits, float[] logSumExp, Map<String, Rows> full) {

    /** The name of a whole output: logits over the vocabulary (or labels), [output rows, vocabulary]. */
    public static final String LOGITS = "logits";
    /** The name of a whole output: the last encoder states of an encoder-decoder, [source rows, hidden]. */
    public static final String ENCODER = "encoder";

    /** The name of a whole output: an encoder's last hidden states, [rows, hidden]. */
    public static final String HIDDEN = "hidden";
    /** The name of {@link #HIDDEN} pooled by {@link StepInput#pooling}, [sequences, hidden]. */
    public static final String EMBEDDING = "embedding";

    /** A matrix of fp32 values, row-major. */
    public record Rows(int rows, int width, float[] values) {}
}
