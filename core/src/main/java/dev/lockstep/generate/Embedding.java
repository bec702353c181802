package dev.lockstep.generate;

/**
 * The result for a row to embed: its vector, or why it could not be run. An error concerns only its row.
 *
 * @param vector [hidden]; null on error
 * @param tokens tokens the model read, special ones included
 * @param error null, or the reason in one sentence
 */
public record Embedding(long id, float[] vector, int tokens, String error) {

    public static Embedding failed(long id, String error) {
        return new Embedding(id, null, 0, error);
    }
}
