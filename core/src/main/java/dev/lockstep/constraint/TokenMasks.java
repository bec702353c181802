package dev.lockstep.constraint;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tokens that keep a text in a language, for every state. Masks are computed when a state first occurs and kept in
 * a bounded LRU cache. A state of this class also records whether the text has begun. Used by one thread at a time.
 */
public final class TokenMasks {
    /** The state of what can become no text of the language. */
    public static final int NOWHERE = -1;

    /** Memory for the masks of one language. */
    private static final int CACHE_BYTES = 8 << 20;

    private static final int LEAST_CACHED = 16;

    private final Language language;
    private final TokenTexts texts;
    private final int[] ends;
    private final int words;
    private final Map<Integer, int[]> masks;
    /** States from which tokens lead to the end of a text; null for all. */
    private final BitSet live;

    /**
     * @param vocabularySize bits of a mask
     * @param ends tokens that end a text: allowed exactly where it is complete, whatever text they have
     */
    public TokenMasks(Language language, TokenTexts texts, int vocabularySize, int[] ends) {
        this.language = language;
        this.texts = texts;
        this.ends = ends.clone();
        this.words = (vocabularySize + 31) / 32;
        this.live = LiveStates.of(language, texts.at(false));
        int most = Math.max(LEAST_CACHED, CACHE_BYTES / (words * Integer.BYTES));
        this.masks = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<Integer, int[]> eldest) {
                return size() > most;
            }
        };
    }

    /** The state of a text that has not begun. */
    public int start() {
        return 2 * language.start();
    }

    /** The state after an allowed token. */
    public int next(int state, int token) {
        int next = texts.at(begins(state)).step(language, state >> 1, token);
        return next == Language.NOWHERE ? NOWHERE : 2 * next + 1;
    }

    /** Whether the text is of the language, and no token could go on from it. */
    public boolean complete(int state) {
        return language.complete(state >> 1);
    }

    /** A bit for each token that may come next. Not to be changed; the same array while it is kept. */
    public int[] allowed(int state) {
        int[] mask = masks.get(state);
        if (mask == null) {
            mask = new int[words];
            int[] bits = mask;
            texts.at(begins(state)).walk(language, state >> 1, (token, next) -> {
                if (token >>> 5 < words && (live == null || live.get(next))) {
                    bits[token >>> 5] |= 1 << token;
                }
            });
            boolean accepts = language.accepts(state >> 1);
            for (int end : ends) {
                if (end >>> 5 < words) {
                    int bit = 1 << end;
                    mask[end >>> 5] = accepts ? mask[end >>> 5] | bit : mask[end >>> 5] & ~bit;
                }
            }
            masks.put(state, mask);
        }
        return mask;
    }

    private static boolean begins(int state) {
        return (state & 1) == 0;
    }
}
