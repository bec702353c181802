package dev.lockstep.generate;

/** Where one sample's text is in the language that it must belong to. */
final class ConstrainedText {
    ConstrainedText() {}

    /** Which tokens may come next, a bit for each of the vocabulary. Not to be changed. */
    int[] allowed() {
        throw new IllegalStateException("no constraint");
    }

    /** Adds a token that was allowed; true when the text is complete and nothing can follow. */
    boolean append(int token) {
        return false;
    }

    void clear() {}

    String shown() {
        return "";
    }
}
