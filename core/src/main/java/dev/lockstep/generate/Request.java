package dev.lockstep.generate;

import dev.lockstep.chat.Chat;
import java.util.Objects;

/**
 * One row to generate for: a prompt as text, as token ids or as a chat (exactly one of the three is given).
 *
 * @param id the caller's handle, returned with the completion
 * @param chat goes through the checkpoint's chat template
 */
public record Request(long id, String prompt, int[] tokenIds, Chat chat, GenerationOptions options) {

    public Request {
        Objects.requireNonNull(options, "options");
        int given = (prompt == null ? 0 : 1) + (tokenIds == null ? 0 : 1) + (chat == null ? 0 : 1);
        if (given != 1) {
            throw new IllegalArgumentException(
                    "a request has either a prompt, token ids or a chat, found " + given + " of them");
        }
    }

    /** A prompt as text or as token ids. */
    public Request(long id, String prompt, int[] tokenIds, GenerationOptions options) {
        this(id, prompt, tokenIds, null, options);
    }

    /** A chat to continue. */
    public Request(long id, Chat chat, GenerationOptions options) {
        this(id, null, null, chat, options);
    }
}
