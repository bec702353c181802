package dev.lockstep.constraint;

/**
 * What each token writes, as UTF-8: at the beginning of a text, and later in it, which differ where a tokenizer leaves out a
 * leading space. Immutable; shared by all constraints over a vocabulary.
 */
public final class TokenTexts {
    private final Vocabulary first;
    private final Vocabulary later;

    /**
     * @param first by token, at the beginning; null for a token that writes nothing or no bytes that are known
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
