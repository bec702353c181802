package dev.lockstep.generate;

import dev.lockstep.constraint.TokenMasks;
import dev.lockstep.constraint.TokenTexts;
import dev.lockstep.tokenizer.TokenBytes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The constraints of a job, compiled over the vocabulary at first use and kept in a bounded LRU cache. Used by one
 * thread at a time.
 */
final class Constraints {
    private static final int MOST_KEPT = 8;

    /** A constraint and the tokens that end its texts. */
    private record Key(Constraint constraint, List<Integer> ends) {}

    private final CheckpointText text;
    private final int vocabularySize;
    /** Null until it is needed: large vocabularies take a second. */
    private TokenTexts texts;

    private final Map<Key, TokenMasks> compiled = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, TokenMasks> eldest) {
            return size() > MOST_KEPT;
        }
    };

    Constraints(CheckpointText text, int vocabularySize) {
        this.text = text;
        this.vocabularySize = vocabularySize;
    }

    /**
     * The initial state of a constrained text; null for unconstrained text.
     *
     * @throws BadRowException when there is no tokenizer, or none whose tokens are known as text
     */
    ConstrainedText begin(Constraint constraint, Ending ending) throws BadRowException {
        if (constraint == Constraint.NONE) {
            return null;
        }
        int[] ends = ending.tokens();
        Key key = new Key(constraint, Arrays.stream(ends).boxed().toList());
        TokenMasks masks = compiled.get(key);
        if (masks == null) {
            masks = new TokenMasks(constraint.language(), texts(constraint), vocabularySize, ends);
            compiled.put(key, masks);
        }
        return new ConstrainedText(constraint, masks);
    }

    private TokenTexts texts(Constraint constraint) throws BadRowException {
        if (text.tokenizer() == null) {
            throw new BadRowException(constraint.name() + " needs text: " + text.noTokenizer());
        }
        if (texts == null) {
            try {
                TokenBytes bytes = text.tokenizer().tokenBytes();
                texts = new TokenTexts(bytes.first(), bytes.later());
            } catch (IllegalArgumentException e) {
                throw new BadRowException(constraint.name() + " cannot be kept to: " + e.getMessage());
            }
        }
        return texts;
    }
}
