package dev.lockstep.chat.jinja;

import dev.lockstep.chat.jinja.Token.Kind;
import java.util.List;

/** Tokens, read one after the other. */
final class TokenStream {
    private final List<Token> tokens;
    private int at;

    /** @param tokens the last of kind END */
    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    /** The token after the next. */
    Token second() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    boolean at(Kind kind, String text) {
        return peek().is(kind, text);
    }

    boolean atOperator(String text) {
        return at(Kind.OPERATOR, text);
    }

    boolean atName(String text) {
        return at(Kind.NAME, text);
    }

    /** Passes the token if it is this one. */
    boolean skipOperator(String text) {
        boolean there = atOperator(text);
        at += there ? 1 : 0;
        return there;
    }

    boolean skipName(String text) {
        boolean there = atName(text);
        at += there ? 1 : 0;
        return there;
    }

    void expectOperator(String text) {
        if (!skipOperator(text)) {
            throw unexpected("'" + text + "'");
        }
    }

    void expectName(String text) {
        if (!skipName(text)) {
            throw unexpected("'" + text + "'");
        }
    }

    /** A name of the template's own choice. */
    String name() {
        return expect(Kind.NAME, "a name").text();
    }

    Token expect(Kind kind, String expected) {
        if (peek().kind() != kind) {
            throw unexpected(expected);
        }
        return next();
    }

    TemplateException unexpected(String expected) {
        return TemplateException.at(peek().line(), "found " + peek().shown() + ", expected " + expected);
    }
}
