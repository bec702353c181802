package dev.lockstep.chat.jinja;

/**
 * The limits of one rendering. A template may loop or grow a text without end, so each step and each character made is
 * counted. Not thread-safe.
 */
final class Budget {
    /** Expressions and statements evaluated, elements walked over. A chat of a hundred turns takes some thousands. */
    static final long STEPS = 5_000_000;

    /** Characters and list elements made, intermediate ones included. */
    static final long SIZE = 1L << 26;

    /** Macros inside macros, lists inside lists. */
    static final int DEPTH = 100;

    private long steps;
    private long size;
    private int depth;

    void step() {
        if (++steps > STEPS) {
            throw new TemplateException("the template takes more than " + STEPS + " steps");
        }
    }

    /** Counts characters or elements that are about to be made. */
    void make(long count) {
        step();
        if (count > SIZE - size) {
            throw new TemplateException("the template makes more than " + SIZE + " characters and elements");
        }
        size += count;
    }

    void enter() {
        if (++depth > DEPTH) {
            throw new TemplateException("macros or values of the template are nested deeper than " + DEPTH);
        }
    }

    void leave() {
        depth--;
    }
}
