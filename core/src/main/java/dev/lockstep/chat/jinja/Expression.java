package dev.lockstep.chat.jinja;

/** A parsed expression. */
interface Expression {
    /** Its value; one that makes text or lists counts them in the scope's budget. */
    Object evaluate(Scope scope);
}
