package dev.lockstep.chat.jinja;

/** A parsed piece of a template: text or a tag with what it encloses. */
interface Statement {
    /** What comes after a statement. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    /** Writes what it prints; {@code out}'s growth is counted in the scope's budget. */
    Flow run(Scope scope, StringBuilder out);
}
