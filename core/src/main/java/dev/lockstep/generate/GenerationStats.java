package dev.lockstep.generate;

/**
 * What a generator has done since it was made.
 *
 * @param steps steps run, repeated ones included
 * @param promptTokens tokens of the prompts of rows that finished, each counted once
 * @param generatedTokens tokens of the completions
 */
public record GenerationStats(long steps, long promptTokens, long generatedTokens) {}
