package dev.lockstep.generate;

import java.util.Arrays;
import java.util.Objects;

/**
 * One row to generate for: a prompt as text or as token ids (exactly one of the two is given).
 *
 * @param id the caller's handle, returned with the completion
 */
public record Request(long id, String prompt, int[] tokenIds, GenerationOptions options) {

    public Request {
        Objects.requireNonNull(options, "options");
        if ((prompt == null) == (tokenIds == null)) {
            throw new IllegalArgumentException("a request has either a prompt or token ids, found "
                    + (prompt == null
                            ? "neither"
                            : "both " + prompt.length() + " characters and " + Arrays.toString(tokenIds)));
        }
    }
}
