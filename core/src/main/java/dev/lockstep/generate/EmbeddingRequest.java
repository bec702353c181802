package dev.lockstep.generate;

/**
 * One row to embed: a text or token ids (exactly one of the two is given).
 *
 * @param id the caller's handle, returned with the embedding
 * @param tokenIds special tokens included
 */
public record EmbeddingRequest(long id, String text, int[] tokenIds) {

    public EmbeddingRequest {
        if ((text == null) == (tokenIds == null)) {
            throw new IllegalArgumentException(
                    "a row to embed has either a text or token ids, found " + (text == null ? "neither" : "both"));
        }
    }
}
