package dev.lockstep.constraint;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * The states of a language from which a text can be completed with the tokens of a vocabulary. These are all states
 * where each byte is a token; otherwise a token can lead to a dead end.
 */
final class LiveStates {
    /** Beyond this it takes too long to find out: a row that comes to such a state then fails with an error. */
    private static final int MOST_STATES = 1024;

    private LiveStates() {}

    /** @return null for all states, or where there are too many to find out */
    static BitSet of(Language language, Vocabulary vocabulary) {
        boolean everyByte = language.bytes().stream().allMatch(vocabulary::hasByte);
        return everyByte || language.states() > MOST_STATES ? null : search(language, vocabulary);
    }

    private static BitSet search(Language language, Vocabulary vocabulary) {
        List<BitSet> before = new ArrayList<>();
        for (int state = 0; state < language.states(); state++) {
            before.add(new BitSet());
        }
        BitSet live = new BitSet();
        Deque<Integer> open = new ArrayDeque<>();
        for (int state = 0; state < language.states(); state++) {
            int from = state;
            vocabulary.walk(language, state, (token, next) -> before.get(next).set(from));
            if (language.accepts(state)) {
                live.set(state);
                open.add(state);
            }
        }
        while (!open.isEmpty()) {
            before.get(open.poll()).stream().filter(state -> !live.get(state)).forEach(state -> {
                live.set(state);
                open.add(state);
            });
        }
        return live;
    }
}
