package dev.lockstep.chat.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.HashMap;
import java.util.Map;

/** A parsed template. Immutable; may be rendered by several threads at once. */
public final class Template {
    /** Characters that a template may have. Published ones have up to some ten thousand. */
    private static final int MOST_CHARACTERS = 1 << 20;

    private final Blocks.Sequence body;

    private Template(Blocks.Sequence body) {
        this.body = body;
    }

    /**
     * Reads a template.
     *
     * @throws TemplateException with line and reason when it is not well formed or uses an unknown feature
     */
    public static Template parse(String source) {
        if (source.length() > MOST_CHARACTERS) {
            throw new TemplateException(
                    "the template has " + source.length() + " characters, expected at most " + MOST_CHARACTERS);
        }
        return new Template(new StatementParser(Lexer.tokens(source)).template());
    }

    /**
     * The template's text for some variables, which it cannot change.
     *
     * @param variables null, {@code Boolean}, {@code Long}, {@code Double}, {@code String}, and lists and maps of these
     * @param clock what {@code strftime_now} reads
     * @throws TemplateException when it raises an exception, meets values it cannot use, or takes too long
     */
    public String render(Map<String, ?> variables, Clock clock) {
        Map<String, Object> all = new HashMap<>(variables);
        Callable now = (arguments, budget) -> {
            String text = Strftime.format(
                    LocalDateTime.now(clock), arguments.expect("format").text(0, "format", ""));
            budget.make(text.length());
            return text;
        };
        all.put("strftime_now", now);
        Budget budget = new Budget();
        try {
            return body.captured(Scope.of(all, budget));
        } catch (StackOverflowError e) {
            // Macros that call each other from inside of large expressions: each within its limits, not together.
            throw new TemplateException("the template's macros and expressions are nested too deep");
        }
    }
}
