package dev.lockstep.chat.jinja;

/** A template that cannot be read, or cannot be rendered with the given values; the message says where and why. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TemplateException(String message) {
        super(message);
    }

    /** What is wrong with a template's text at a line, counted from 1. */
    static TemplateException at(int line, String message) {
        return new TemplateException("line " + line + ": " + message);
    }
}
