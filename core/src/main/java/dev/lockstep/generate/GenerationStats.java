package dev.lockstep.generate;

/**
 * What a generator has done since it was made.
 *
 * @param steps steps run, repeated ones included
 * @param promptTokens tokens of the prompts of rows that finished, each counted once
 * @param generatedTokens tokens of the completions
 * @param sharedTokens tokens that were not run, because their keys were shared with other rows
 * @param preemptions how often a row was pre-empted: its blocks were freed for others, and it was run again
 */
public record GenerationStats(
        long steps, long promptTokens, long generatedTokens, long sharedTokens, long preemptions) {
    public static final GenerationStats NONE = new GenerationStats(0, 0, 0);

    /** Of rows that share nothing and never wait. */
    public GenerationStats(long steps, long promptTokens, long generatedTokens) {
        this(steps, promptTokens, generatedTokens, 0, 0);
    }
}
