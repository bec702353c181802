package dev.lockstep.generate;

/**
 * The input of a row, in tokens.
 *
 * @param id the request's id
 * @param source an encoder's input; null for decoder-only models
 * @param start the decoder's first tokens: the prompt, or the start tokens of an encoder-decoder
 */
record Prompt(long id, int[] source, int[] start) {

    /** The tokens that tell this row from another: its noise is keyed by them. */
    int[] content() {
        return source == null ? start : source;
    }

    int sourceLength() {
        return source == null ? 0 : source.length;
    }
}
