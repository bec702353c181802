package dev.lockstep.chat.jinja;

/**
 * A piece of a template.
 *
 * @param text its content: plain text, a name, a string's value, digits, or an operator's characters
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        TEXT,
        OUTPUT_BEGIN,
        OUTPUT_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind other, String value) {
        return kind == other && text.equals(value);
    }

    /** How messages show it. */
    String shown() {
        return switch (kind) {
            case END -> "the end of the template";
            case TEXT -> "text";
            case STRING -> "the string '" + text + "'";
            default -> "'" + text + "'";
        };
    }
}
