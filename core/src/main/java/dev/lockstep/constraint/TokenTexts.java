package dev.lockstep.constraint;

/**
 * The UTF-8 bytes of each token, at the beginning of a text and later in it; these differ where a tokenizer drops a
 * leading space. Immutable; shared by all constraints over a vocabulary.
 */
public final class TokenTexts {
    private final Vocabulary first;
    private final Vocabulary later;

    /**
     * @param first by token, at the beginning; null for a token without text or with unknown bytes
     * @param later by token, after another; may be the very same array
     */
    public TokenTexts(byte[][] first, byte[][] later) {
        this.first = new Vocabulary(first);
        this.later = first == later ? this.first : new Vocabulary(later);
    }

    Vocabulary at(boolean beginning) {
        return beginning ? first : later;
    }
}
