package dev.lockstep.generate;

/**
 * How rows are batched. Affects the contents and duration of steps, never the generated text (up to the machine's
 * rounding).
 *
 * @param chunk tokens of one prompt that a step runs at most; longer prompts take several steps
 * @param sharesPrefixes whether rows with a common prefix read the keys that one of them computed. Only for decoders
 *     whose keys depend on the tokens up to their own alone: not where they depend on a row's length, nor where more
 *     than keys and values is kept from step to step
 * @param window most rows that wait so that the longest can be taken first; 1 for the order of arrival
 */
public record Batching(int chunk, boolean sharesPrefixes, int window) {
    /** Rows in order of arrival, each by itself, prompts as large as a step. */
    public static final Batching PLAIN = new Batching(Integer.MAX_VALUE, false, 1);

    public Batching {
        if (chunk < 1) {
            throw new IllegalArgumentException("the prompt chunk is " + chunk + " tokens, expected at least 1");
        }
        if (window < 1) {
            throw new IllegalArgumentException("the window of waiting rows is " + window + ", expected at least 1");
        }
    }

    public Batching withChunk(int tokens) {
        return new Batching(tokens, sharesPrefixes, window);
    }

    public Batching withPrefixes(boolean shared) {
        return new Batching(chunk, shared, window);
    }

    public Batching withWindow(int rows) {
        return new Batching(chunk, sharesPrefixes, rows);
    }
}
