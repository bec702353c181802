package dev.lockstep.generate;

import java.util.LinkedHashSet;
import java.util.Set;

/** Which tokens end a row's text: the model's end of text, unless that is ignored, and the row's stop tokens. */
final class Ending {
    private final int[] tokens;
    private final int eosTokens;
    private final int minNewTokens;

    Ending(Stopping stopping, ModelTraits traits) {
        Set<Integer> all = new LinkedHashSet<>();
        if (!stopping.ignoreEos()) {
            all.addAll(traits.eosTokens());
        }
        this.eosTokens = all.size();
        all.addAll(stopping.tokens());
        this.tokens = all.stream().mapToInt(Integer::intValue).toArray();
        this.minNewTokens = stopping.minNewTokens();
    }

    /** Why a text ends at this token; null where it continues. */
    Completion.Finish at(int token) {
        for (int i = 0; i < tokens.length; i++) {
            if (tokens[i] == token) {
                return i < eosTokens ? Completion.Finish.EOS : Completion.Finish.STOP;
            }
        }
        return null;
    }

    /** All tokens that end the text; not to be changed. */
    int[] tokens() {
        return tokens;
    }

    /** Whether a text of this many tokens may not end yet. */
    boolean tooEarly(int generated) {
        return generated < minNewTokens;
    }
}
