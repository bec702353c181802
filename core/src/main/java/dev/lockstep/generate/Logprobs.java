package dev.lockstep.generate;

/**
 * Natural logarithms of probabilities that the model gave at each generated token, before penalties, constraint and
 * temperature.
 *
 * @param chosen of the generated tokens, [tokens]
 * @param alternatives most probable tokens reported for each
 * @param topTokens their ids, [tokens, alternatives], the most probable first
 * @param top their log-probabilities, [tokens, alternatives]
 */
public record Logprobs(float[] chosen, int alternatives, int[] topTokens, float[] top) {}
