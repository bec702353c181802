package dev.lockstep.chat.jinja;

import dev.lockstep.chat.jinja.Token.Kind;
import java.util.List;

/** Reads the tokens inside of a tag: names, numbers, strings and operators. */
final class TagScanner {
    private static final List<String> LONG_OPERATORS = List.of("//", "**", "==", "!=", ">=", "<=");
    private static final String OPERATORS = "+-*/%~[](){}<>=.:|,";

    private final String source;
    private int at;
    private int line;

    TagScanner(String source) {
        this.source = source;
    }

    /** Where the last token ended. */
    int end() {
        return at;
    }

    /** The token that begins at a place, which holds no white space. */
    Token next(int from, int lineNumber) {
        at = from;
        line = lineNumber;
        char c = source.charAt(at);
        if (c == '\'' || c == '"') {
            return string(c);
        }
        if (digit(at)) {
            return number();
        }
        if (Character.isJavaIdentifierStart(c) && c != '$') {
            while (at < source.length() && Character.isJavaIdentifierPart(source.charAt(at))) {
                at++;
            }
            return token(Kind.NAME, source.substring(from, at));
        }
        for (String operator : LONG_OPERATORS) {
            if (source.startsWith(operator, at)) {
                at += 2;
                return token(Kind.OPERATOR, operator);
            }
        }
        if (OPERATORS.indexOf(c) < 0) {
            throw TemplateException.at(line, "the character '" + c + "' has no meaning in a tag");
        }
        at++;
        return token(Kind.OPERATOR, String.valueOf(c));
    }

    private boolean digit(int place) {
        return place < source.length() && source.charAt(place) >= '0' && source.charAt(place) <= '9';
    }

    private void digits() {
        while (digit(at) || at < source.length() && source.charAt(at) == '_' && digit(at + 1)) {
            at++;
        }
    }

    private Token number() {
        int start = at;
        digits();
        boolean whole = true;
        if (at < source.length() && source.charAt(at) == '.' && digit(at + 1)) {
            at++;
            digits();
            whole = false;
        }
        if (at < source.length() && (source.charAt(at) | 32) == 'e') {
            int sign = at + 1 < source.length() && "+-".indexOf(source.charAt(at + 1)) >= 0 ? 1 : 0;
            if (digit(at + 1 + sign)) {
                at += 1 + sign;
                digits();
                whole = false;
            }
        }
        return token(
                whole ? Kind.INTEGER : Kind.FLOAT, source.substring(start, at).replace("_", ""));
    }

    private Token string(char quote) {
        StringBuilder value = new StringBuilder();
        at++;
        while (at < source.length()) {
            char c = source.charAt(at++);
            if (c == quote) {
                return token(Kind.STRING, value.toString());
            }
            if (c == '\\' && at < source.length()) {
                escape(source.charAt(at++), value);
            } else {
                value.append(c);
            }
        }
        throw TemplateException.at(line, "a string is not closed, expected " + quote);
    }

    private void escape(char c, StringBuilder value) {
        switch (c) {
            case 'n' -> value.append('\n');
            case 't' -> value.append('\t');
            case 'r' -> value.append('\r');
            case 'b' -> value.append('\b');
            case 'f' -> value.append('\f');
            case 'a' -> value.append('\007');
            case 'v' -> value.append('\013');
            case '\\', '\'', '"' -> value.append(c);
            case '\n' -> {}
            case 'x' -> code(2, value);
            case 'u' -> code(4, value);
            case 'U' -> code(8, value);
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(c, value);
            default -> value.append('\\').append(c);
        }
    }

    private void octal(char first, StringBuilder value) {
        int code = first - '0';
        for (int i = 0; i < 2 && at < source.length() && "01234567".indexOf(source.charAt(at)) >= 0; i++) {
            code = code * 8 + source.charAt(at++) - '0';
        }
        value.append((char) code);
    }

    private void code(int digits, StringBuilder value) {
        int end = Math.min(at + digits, source.length());
        try {
            int code = Integer.parseInt(source.substring(at, end), 16);
            if (end < at + digits || !Character.isValidCodePoint(code)) {
                throw new NumberFormatException();
            }
            value.appendCodePoint(code);
            at = end;
        } catch (NumberFormatException e) {
            throw TemplateException.at(
                    line,
                    "an escape in a string needs " + digits + " hexadecimal digits, found '" + source.substring(at, end)
                            + "'");
        }
    }

    private Token token(Kind kind, String text) {
        return new Token(kind, text, line);
    }
}
