package dev.lockstep.generate;

import java.util.List;

/**
 * The result of a request: generated texts, or why the row could not be run. An error concerns only its row; the others
 * continue.
 *
 * @param outputs one for each of the row's samples, in order; empty on error
 * @param promptTokens tokens of the prompt
 * @param error null, or the reason in one sentence
 */
public record Completion(long id, List<Output> outputs, int promptTokens, String error) {

    /** Why generation ended. */
    public enum Finish {
        /** The model ended the text. */
        EOS,
        /** There were {@code max_new_tokens}, or as many as the model has positions for. */
        LENGTH,
        /** A stop string, a stop token, or a constrained text that nothing can follow. */
        STOP,
        ERROR
    }

    /**
     * One generated text.
     *
     * @param text decoded, up to the first stop string; null when there is no tokenizer
     * @param tokenIds generated tokens, EOS and stop tokens not included but those of a stop string included
     * @param logprobs null unless asked for
     */
    public record Output(String text, int[] tokenIds, Finish finish, Logprobs logprobs) {}

    public Completion {
        outputs = List.copyOf(outputs);
    }

    /** A row of one text; on error all of it but the error is ignored. */
    public Completion(long id, String text, int[] tokenIds, int promptTokens, Finish finish, String error) {
        this(id, error == null ? List.of(new Output(text, tokenIds, finish, null)) : List.of(), promptTokens, error);
    }

    public static Completion failed(long id, String error) {
        return new Completion(id, List.of(), 0, error);
    }

    /** The first text; null on error. */
    public String text() {
        return error != null ? null : outputs.get(0).text();
    }

    /** The first text's tokens; empty on error. */
    public int[] tokenIds() {
        return error != null ? new int[0] : outputs.get(0).tokenIds();
    }

    /** Why the first text ended. */
    public Finish finish() {
        return error != null ? Finish.ERROR : outputs.get(0).finish();
    }
}
