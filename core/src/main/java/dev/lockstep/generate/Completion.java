package dev.lockstep.generate;

/**
 * What became of a request: generated text and tokens, or why the row could not be run. A row error concerns its row
 * only; the others go on.
 *
 * @param text decoded text, up to the first stop string; null when there is no tokenizer or on error
 * @param tokenIds generated tokens, EOS not included but those of a stop string included; empty on error
 * @param promptTokens tokens of the prompt
 * @param error null, or the reason in one sentence
 */
public record Completion(long id, String text, int[] tokenIds, int promptTokens, Finish finish, String error) {

    /** Why generation ended. */
    public enum Finish {
        EOS,
        LENGTH,
        STOP,
        ERROR
    }

    public static Completion failed(long id, String error) {
        return new Completion(id, null, new int[0], 0, Finish.ERROR, error);
    }
}
