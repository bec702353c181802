package dev.lockstep.chat.jinja;

import dev.lockstep.chat.jinja.Accesses.Parameters;
import dev.lockstep.chat.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads expressions, from the loosest binding ({@code a if b else c}) to the tightest. */
final class ExpressionParser {
    /** Nodes of one expression: evaluation is recursive, so this bounds its depth. */
    private static final int MOST_NODES = 1000;

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");
    private static final Set<Kind> BEGIN_ARGUMENT = Set.of(Kind.NAME, Kind.STRING, Kind.INTEGER, Kind.FLOAT);
    private static final Set<String> NO_ARGUMENT = Set.of("else", "or", "and", "if", "in", "not", "is");

    private final TokenStream tokens;
    private int nodes;
    private int nested;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** A whole expression of a tag. */
    Expression expression() {
        nodes = 0;
        return conditional();
    }

    /** A whole expression that may be several, with commas between them: then a tuple. */
    Expression tuple() {
        Expression first = expression();
        return tokens.atOperator(",") ? restOfTuple(first) : first;
    }

    /** An expression without {@code if} at its end: what a loop goes over. */
    Expression withoutCondition() {
        nodes = 0;
        Expression first = or();
        return tokens.atOperator(",") ? restOfTuple(first) : first;
    }

    private Expression restOfTuple(Expression first) {
        List<Expression> items = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",")) {
            if (endsTuple()) {
                break;
            }
            items.add(conditional());
        }
        return node(new Literals.ListLiteral(items, true));
    }

    private boolean endsTuple() {
        return tokens.peek().kind() == Kind.BLOCK_END
                || tokens.peek().kind() == Kind.OUTPUT_END
                || tokens.atOperator(")")
                || tokens.atName("in");
    }

    private <T extends Expression> T node(T node) {
        if (++nodes > MOST_NODES) {
            throw TemplateException.at(tokens.peek().line(), "an expression has more than " + MOST_NODES + " parts");
        }
        return node;
    }

    private Expression conditional() {
        if (++nested > Budget.DEPTH) {
            throw TemplateException.at(tokens.peek().line(), "expressions are nested deeper than " + Budget.DEPTH);
        }
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression condition = or();
            Expression other = tokens.skipName("else") ? conditional() : null;
            value = node(new Operators.Conditional(condition, value, other));
        }
        nested--;
        return value;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = node(new Operators.Logical(false, left, and()));
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = node(new Operators.Logical(true, left, not()));
        }
        return left;
    }

    private Expression not() {
        int count = 0;
        while (tokens.atName("not") && !tokens.second().is(Kind.NAME, "in")) {
            tokens.next();
            count++;
        }
        Expression value = comparison();
        for (; count > 0; count--) {
            value = node(new Operators.Not(value));
        }
        return value;
    }

    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            if (token.kind() == Kind.OPERATOR && COMPARISONS.contains(token.text())) {
                operators.add(tokens.next().text());
            } else if (tokens.skipName("in")) {
                operators.add("in");
            } else if (tokens.atName("not") && tokens.second().is(Kind.NAME, "in")) {
                tokens.next();
                tokens.next();
                operators.add("not in");
            } else {
                return operators.isEmpty() ? first : node(new Operators.Comparison(first, operators, others));
            }
            others.add(node(sum()));
        }
    }

    private Expression sum() {
        Expression left = joined();
        while (tokens.atOperator("+") || tokens.atOperator("-")) {
            left = node(new Operators.Binary(tokens.next().text(), left, joined()));
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (tokens.skipOperator("~")) {
            left = node(new Operators.Binary("~", left, product()));
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (tokens.atOperator("*") || tokens.atOperator("/") || tokens.atOperator("//") || tokens.atOperator("%")) {
            left = node(new Operators.Binary(tokens.next().text(), left, power()));
        }
        return left;
    }

    private Expression power() {
        Expression left = unary(true);
        while (tokens.skipOperator("**")) {
            left = node(new Operators.Binary("**", left, unary(true)));
        }
        return left;
    }

    private Expression unary(boolean filters) {
        boolean minus = tokens.atOperator("-");
        Expression value;
        if (minus || tokens.atOperator("+")) {
            tokens.next();
            if (++nested > Budget.DEPTH) {
                throw tokens.unexpected("at most " + Budget.DEPTH + " signs");
            }
            value = node(new Operators.Sign(minus, unary(false)));
            nested--;
        } else {
            value = postfix(primary());
        }
        return filters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        switch (token.kind()) {
            case NAME:
                return node(named(token.text()));
            case STRING:
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.peek().kind() == Kind.STRING) {
                    text.append(tokens.next().text());
                }
                return node(new Literals.Constant(text.toString()));
            case INTEGER:
                return node(new Literals.Constant(integer(token)));
            case FLOAT:
                return node(new Literals.Constant(Double.valueOf(token.text())));
            case OPERATOR:
                if (token.text().equals("(")) {
                    return parenthesized();
                }
                if (token.text().equals("[")) {
                    return node(new Literals.ListLiteral(items("]"), false));
                }
                if (token.text().equals("{")) {
                    return dict();
                }
                break;
            default:
                break;
        }
        throw TemplateException.at(token.line(), "found " + token.shown() + ", expected a value");
    }

    private static Long integer(Token token) {
        try {
            return Long.valueOf(token.text());
        } catch (NumberFormatException e) {
            throw TemplateException.at(
                    token.line(), token.text() + " is too large, expected at most " + Long.MAX_VALUE);
        }
    }

    private static Expression named(String name) {
        return switch (name) {
            case "true", "True" -> new Literals.Constant(true);
            case "false", "False" -> new Literals.Constant(false);
            case "none", "None" -> new Literals.Constant(null);
            default -> new Accesses.Name(name);
        };
    }

    private Expression parenthesized() {
        if (tokens.skipOperator(")")) {
            return node(new Literals.ListLiteral(List.of(), true));
        }
        Expression value = conditional();
        if (tokens.atOperator(",")) {
            value = restOfTuple(value);
        }
        tokens.expectOperator(")");
        return value;
    }

    private List<Expression> items(String end) {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator(end)) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator(end)) {
                    break;
                }
            }
            items.add(conditional());
        }
        return items;
    }

    private Expression dict() {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            if (!keys.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator("}")) {
                    break;
                }
            }
            keys.add(conditional());
            tokens.expectOperator(":");
            values.add(conditional());
        }
        return node(new Literals.DictLiteral(keys, values));
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.skipOperator(".")) {
                value = tokens.peek().kind() == Kind.INTEGER
                        ? node(new Accesses.Item(value, new Literals.Constant(integer(tokens.next()))))
                        : node(new Accesses.Attribute(value, tokens.name()));
            } else if (tokens.skipOperator("[")) {
                value = subscript(value);
            } else if (tokens.atOperator("(")) {
                value = node(new Accesses.Call(value, parameters()));
            } else {
                return value;
            }
        }
    }

    private Expression subscript(Expression object) {
        Expression[] bounds = new Expression[3];
        int colons = 0;
        while (!tokens.skipOperator("]")) {
            if (tokens.skipOperator(":")) {
                if (++colons > 2) {
                    throw tokens.unexpected("']'");
                }
            } else if (bounds[colons] == null) {
                bounds[colons] = conditional();
            } else {
                throw tokens.unexpected("']'");
            }
        }
        if (colons > 0) {
            return node(new Accesses.Slice(object, bounds[0], bounds[1], bounds[2]));
        }
        if (bounds[0] == null) {
            throw tokens.unexpected("an index before ']'");
        }
        return node(new Accesses.Item(object, bounds[0]));
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.atOperator("|")) {
                tokens.next();
                value = filter(value);
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else if (tokens.atOperator("(")) {
                value = node(new Accesses.Call(value, parameters()));
            } else {
                return value;
            }
        }
    }

    /** A filter after its bar. */
    Expression filter(Expression value) {
        int line = tokens.peek().line();
        String name = tokens.name();
        if (Filters.named(name) == null) {
            throw TemplateException.at(line, "there is no filter " + name + ", known are " + Filters.names());
        }
        Parameters parameters = tokens.atOperator("(") ? parameters() : Parameters.NONE;
        return node(new Accesses.Filter(value, name, parameters));
    }

    private Expression test(Expression value) {
        boolean negated = tokens.skipName("not");
        int line = tokens.peek().line();
        String name = tokens.name();
        if (!Tests.ALL.containsKey(name)) {
            throw TemplateException.at(line, "there is no test " + name + ", known are " + Tests.names());
        }
        Parameters parameters = Parameters.NONE;
        Token token = tokens.peek();
        if (tokens.atOperator("(")) {
            parameters = parameters();
        } else if (BEGIN_ARGUMENT.contains(token.kind())
                        && !(token.kind() == Kind.NAME && NO_ARGUMENT.contains(token.text()))
                || tokens.atOperator("[")
                || tokens.atOperator("{")) {
            parameters = new Parameters(List.of(postfix(primary())), Map.of());
        }
        Expression test = node(new Accesses.Test(value, name, parameters));
        return negated ? node(new Operators.Not(test)) : test;
    }

    /** Arguments in parentheses. */
    Parameters parameters() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.skipOperator(")")) {
            if (!positional.isEmpty() || !named.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator(")")) {
                    break;
                }
            }
            if (tokens.peek().kind() == Kind.NAME && tokens.second().is(Kind.OPERATOR, "=")) {
                String name = tokens.name();
                tokens.next();
                if (named.put(name, conditional()) != null) {
                    throw tokens.unexpected("no second value for " + name);
                }
            } else if (named.isEmpty()) {
                positional.add(conditional());
            } else {
                throw tokens.unexpected("name=value: arguments by position come first");
            }
        }
        return new Parameters(positional, named);
    }
}
