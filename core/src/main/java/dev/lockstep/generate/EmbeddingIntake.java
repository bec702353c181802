package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import java.util.Arrays;

/** Makes tokens of rows to embed, cut and checked against the model. */
final class EmbeddingIntake {
    private final ModelTraits traits;
    private final Limits limits;
    private final CheckpointText text;
    private final int maxTokens;

    /** @param maxTokens texts with more are cut; 0 for never */
    EmbeddingIntake(ModelTraits traits, Limits limits, CheckpointText text, int maxTokens) {
        this.traits = traits;
        this.limits = limits;
        this.text = text;
        this.maxTokens = maxTokens;
    }

    /** @throws BadRowException with the row's error */
    int[] tokens(EmbeddingRequest request) throws BadRowException {
        int[] tokens = request.tokenIds() == null ? encoded(request.text()) : request.tokenIds();
        String reason = Refusals.badTokens(tokens, traits);
        if (reason == null) {
            reason = Refusals.tooLong(new Prompt(request.id(), tokens, new int[0]), traits);
        }
        if (reason == null && tokens.length > limits.maxTokens()) {
            reason = "the text has " + tokens.length + " tokens, but a step holds " + limits.maxTokens()
                    + " and an encoder's input is never divided: shorten it or raise spark.lockstep.maxBatchTokens";
        }
        if (reason != null) {
            throw new BadRowException(reason);
        }
        return tokens;
    }

    private int[] encoded(String content) throws BadRowException {
        TextTokenizer tokenizer = text.tokenizer();
        if (tokenizer == null) {
            throw new BadRowException(text.noTokenizer());
        }
        try {
            int[] whole = tokenizer.encode(content, true);
            return maxTokens == 0 || whole.length <= maxTokens
                    ? whole
                    : cut(whole, tokenizer.encode(content, false), maxTokens);
        } catch (RuntimeException e) {
            throw new BadRowException(
                    "the text of " + content.length() + " characters cannot be turned into tokens: " + e.getMessage());
        }
    }

    /**
     * Cuts a text's own tokens so that with the special ones around them there are {@code most}.
     *
     * @param whole the tokens with special ones
     * @param plain the tokens without
     */
    static int[] cut(int[] whole, int[] plain, int most) {
        int special = whole.length - plain.length;
        int before = 0;
        while (before < special && !Arrays.equals(whole, before, before + plain.length, plain, 0, plain.length)) {
            before++;
        }
        int after = special - before;
        if (special >= most) {
            throw new IllegalArgumentException("max_tokens is " + most + ", but " + special
                    + " special tokens go with every text: raise it above that");
        }
        int[] cut = Arrays.copyOf(whole, most);
        System.arraycopy(whole, whole.length - after, cut, most - after, after);
        return cut;
    }
}
