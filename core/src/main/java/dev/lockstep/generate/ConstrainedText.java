package dev.lockstep.generate;

import dev.lockstep.constraint.TokenMasks;

/** Where one sample's text is in the language that it must belong to. */
final class ConstrainedText {
    private final Constraint constraint;
    private final TokenMasks masks;
    private int state;

    /** @param masks may be shared by all texts of the constraint */
    ConstrainedText(Constraint constraint, TokenMasks masks) {
        this.constraint = constraint;
        this.masks = masks;
        this.state = masks.start();
    }

    /** Which tokens may come next, a bit for each of the vocabulary. Not to be changed. */
    int[] allowed() {
        return masks.allowed(state);
    }

    /** Adds a token that was allowed; true when the text is complete and nothing can follow. */
    boolean append(int token) {
        state = masks.next(state, token);
        if (state == TokenMasks.NOWHERE) {
            throw new IllegalStateException("token " + token + " was taken though " + shown() + " rules it out");
        }
        return masks.complete(state);
    }

    /** Begins again with no text. */
    void clear() {
        state = masks.start();
    }

    String shown() {
        return constraint.name() + " " + constraint.shown();
    }
}
