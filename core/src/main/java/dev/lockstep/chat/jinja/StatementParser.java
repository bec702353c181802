package dev.lockstep.chat.jinja;

import dev.lockstep.chat.jinja.Assignments.Target;
import dev.lockstep.chat.jinja.Blocks.Sequence;
import dev.lockstep.chat.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads text and tags. Tags that read other files are refused, as is every other that is not known. */
final class StatementParser {
    private static final String KNOWN = "if, for, set, macro, call, filter, with, generation, break, continue, raw";

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private int nested;
    private int loops;

    StatementParser(List<Token> tokens) {
        this.tokens = new TokenStream(tokens);
        this.expressions = new ExpressionParser(this.tokens);
    }

    /** The whole template. */
    Sequence template() {
        return body(Set.of(), "");
    }

    /**
     * Statements up to a tag with one of the names, which is read up to its name.
     *
     * @param opener the tag that needs the end, for messages
     */
    private Sequence body(Set<String> ends, String opener) {
        if (++nested > Budget.DEPTH) {
            throw TemplateException.at(tokens.peek().line(), "tags are nested deeper than " + Budget.DEPTH);
        }
        int begun = tokens.peek().line();
        List<Statement> statements = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case END -> {
                    if (!ends.isEmpty()) {
                        throw TemplateException.at(begun, opener + " is not closed, expected " + ends);
                    }
                    nested--;
                    return new Sequence(statements);
                }
                case TEXT -> statements.add(new Blocks.Text(token.text()));
                case OUTPUT_BEGIN -> {
                    statements.add(new Blocks.Output(expressions.tuple()));
                    tokens.expect(Kind.OUTPUT_END, "'}}'");
                }
                default -> {
                    if (ends.contains(tokens.peek().text())) {
                        nested--;
                        return new Sequence(statements);
                    }
                    statements.add(tag(ends));
                }
            }
        }
    }

    /** The body of a tag that ends with {@code end...}, that end included. */
    private Sequence bodyOf(String name) {
        endTag();
        Sequence body = body(Set.of("end" + name), name);
        tokens.next();
        endTag();
        return body;
    }

    private void endTag() {
        tokens.expect(Kind.BLOCK_END, "'%}'");
    }

    private Statement tag(Set<String> ends) {
        Token name = tokens.expect(Kind.NAME, "a tag's name");
        return switch (name.text()) {
            case "if" -> choice();
            case "for" -> loop();
            case "set" -> assignment();
            case "macro" -> macro();
            case "call" -> callBlock();
            case "filter" -> filtered();
            case "with" -> with();
            // Marks what an assistant wrote, for training: it prints as if the tag were not there.
            case "generation" -> bodyOf("generation");
            case "break" -> jump(name, Statement.Flow.BREAK);
            case "continue" -> jump(name, Statement.Flow.CONTINUE);
            default ->
                throw TemplateException.at(
                        name.line(),
                        "the tag " + name.text() + " is not known here, expected "
                                + (ends.isEmpty() ? "" : String.join(", ", ends) + " or ") + "one of " + KNOWN);
        };
    }

    private Statement jump(Token name, Statement.Flow flow) {
        if (loops == 0) {
            throw TemplateException.at(name.line(), name.text() + " stands outside of a for");
        }
        endTag();
        return new Blocks.Jump(flow);
    }

    private Statement choice() {
        List<Expression> conditions = new ArrayList<>();
        List<Sequence> bodies = new ArrayList<>();
        Sequence otherwise = new Sequence(List.of());
        String end;
        do {
            conditions.add(expressions.tuple());
            endTag();
            bodies.add(body(Set.of("elif", "else", "endif"), "if"));
            end = tokens.name();
        } while (end.equals("elif"));
        if (end.equals("else")) {
            otherwise = bodyOf("if");
        } else {
            endTag();
        }
        return new Blocks.Choice(conditions, bodies, otherwise);
    }

    private Statement loop() {
        Target target = targets();
        tokens.expectName("in");
        Expression list = expressions.withoutCondition();
        Expression condition = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        endTag();
        loops++;
        Sequence body = body(Set.of("else", "endfor"), "for");
        loops--;
        Sequence otherwise = new Sequence(List.of());
        if (tokens.name().equals("else")) {
            otherwise = bodyOf("for");
        } else {
            endTag();
        }
        return new For(target, list, condition, recursive, body, otherwise);
    }

    /** One target, or several with commas between them. */
    private Target targets() {
        Target first = target();
        if (!tokens.atOperator(",")) {
            return first;
        }
        List<Target> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",")) {
            if (tokens.peek().kind() != Kind.NAME && !tokens.atOperator("(") || tokens.atName("in")) {
                break;
            }
            parts.add(target());
        }
        return new Target(null, null, parts);
    }

    private Target target() {
        if (tokens.skipOperator("(")) {
            if (++nested > Budget.DEPTH) {
                throw tokens.unexpected("fewer parentheses");
            }
            Target inner = targets();
            tokens.expectOperator(")");
            nested--;
            return inner;
        }
        String name = tokens.name();
        return new Target(name, tokens.skipOperator(".") ? tokens.name() : null, List.of());
    }

    private Statement assignment() {
        Target target = targets();
        if (tokens.skipOperator("=")) {
            Expression value = expressions.tuple();
            endTag();
            return new Assignments.SetValue(target, value);
        }
        Expression filter = tokens.atOperator("|") ? filters() : null;
        return new Assignments.SetText(target, bodyOf("set"), filter);
    }

    /** Filters over what a body prints, the first without its bar where it begins the tag. */
    private Expression filters() {
        Expression value = new Accesses.Name(Blocks.Filtered.BODY);
        tokens.skipOperator("|");
        do {
            value = expressions.filter(value);
        } while (tokens.skipOperator("|"));
        return value;
    }

    private Statement filtered() {
        Expression filter = filters();
        return new Blocks.Filtered(bodyOf("filter"), filter);
    }

    private Statement with() {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.peek().kind() != Kind.BLOCK_END) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(target());
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Assignments.With(targets, values, bodyOf("with"));
    }

    private Statement macro() {
        String name = tokens.name();
        Macros.Signature signature = signature();
        return new Macros.Definition(name, signature, outsideLoops("macro"));
    }

    private Statement callBlock() {
        int line = tokens.peek().line();
        Macros.Signature signature = tokens.atOperator("(") ? signature() : new Macros.Signature(List.of(), List.of());
        if (!(expressions.expression() instanceof Accesses.Call call)) {
            throw TemplateException.at(line, "the tag call holds no call of a macro");
        }
        return new Macros.CallBlock(signature, call, outsideLoops("call"));
    }

    private Sequence outsideLoops(String name) {
        int around = loops;
        loops = 0;
        Sequence body = bodyOf(name);
        loops = around;
        return body;
    }

    private Macros.Signature signature() {
        List<String> parameters = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator(")")) {
                    break;
                }
            }
            parameters.add(tokens.name());
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw tokens.unexpected("'=': a parameter after one with a default has one too");
            }
        }
        return new Macros.Signature(parameters, defaults);
    }
}
