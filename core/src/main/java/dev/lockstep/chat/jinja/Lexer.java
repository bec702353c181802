package dev.lockstep.chat.jinja;

import dev.lockstep.chat.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a template into text and tags. A tag's minus sign removes the white space next to it. The first newline after a
 * block or comment is removed ({@code trim_blocks}), and so is the space before one at the start of its line ({@code
 * lstrip_blocks}), unless the tag begins with a plus sign.
 */
final class Lexer {
    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;
    private int counted;

    private Lexer(String source) {
        this.source = source;
    }

    /** The tokens of a template, one of kind END last. */
    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        boolean lineStarts = true;
        while (at < source.length()) {
            int tag = nextTag(at);
            if (tag < 0) {
                text(source.substring(at), at);
                at = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            char mark = tag + 2 < source.length() ? source.charAt(tag + 2) : 0;
            text(before(source.substring(at, tag), kind, mark, lineStarts), at);
            at = tag + (mark == '-' || mark == '+' ? 3 : 2);
            if (kind == '#') {
                comment();
            } else if (kind == '{') {
                add(Kind.OUTPUT_BEGIN, "{{");
                inside("}}", Kind.OUTPUT_END);
            } else if (!raw()) {
                add(Kind.BLOCK_BEGIN, "{%");
                inside("%}", Kind.BLOCK_END);
            }
            lineStarts = source.charAt(at - 1) == '\n';
        }
        add(Kind.END, "");
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** The text before a tag, as the tag leaves it. */
    private static String before(String text, char kind, char mark, boolean lineStarts) {
        if (mark == '-') {
            return Spaces.stripEnd(text);
        }
        if (mark == '+' || kind == '{') {
            return text;
        }
        int start = text.lastIndexOf('\n') + 1;
        boolean wholeLine = start > 0 || lineStarts;
        return wholeLine && Spaces.skip(text, start) == text.length() ? text.substring(0, start) : text;
    }

    /** Passes a block's or comment's closing characters, of which the mark begins at {@code close}. */
    private void close(int close, boolean trimNewline) {
        char mark = source.charAt(close);
        at = close + (mark == '-' || mark == '+' ? 3 : 2);
        if (mark == '-') {
            at = Spaces.skip(source, at);
        } else if (mark != '+' && trimNewline && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw TemplateException.at(line(at), "a comment is not closed, expected #}");
        }
        boolean marked = end > at && (source.charAt(end - 1) == '-' || source.charAt(end - 1) == '+');
        close(marked ? end - 1 : end, true);
    }

    /** Passes {@code raw ... endraw}, whose content is text. False where another block begins. */
    private boolean raw() {
        int name = Spaces.skip(source, at);
        int after = Spaces.skip(source, Math.min(name + 3, source.length()));
        boolean trims = source.startsWith("-%}", after);
        if (!source.startsWith("raw", name) || !trims && !source.startsWith("%}", after)) {
            return false;
        }
        int start = trims ? Spaces.skip(source, after + 3) : after + 2;
        for (int tag = source.indexOf("{%", start); tag >= 0; tag = source.indexOf("{%", tag + 2)) {
            char mark = tag + 2 < source.length() ? source.charAt(tag + 2) : 0;
            int word = Spaces.skip(source, tag + (mark == '-' || mark == '+' ? 3 : 2));
            int end = source.startsWith("endraw", word) ? Spaces.skip(source, word + 6) : -1;
            boolean marked = end >= 0 && (source.startsWith("-%}", end) || source.startsWith("+%}", end));
            if (marked || end >= 0 && source.startsWith("%}", end)) {
                text(before(source.substring(start, tag), '%', mark, false), start);
                close(end, true);
                return true;
            }
        }
        throw TemplateException.at(line(at), "raw is not closed, expected {% endraw %}");
    }

    /** The tokens of a tag up to its end, which does not count inside brackets. */
    private void inside(String end, Kind endKind) {
        int begun = line(at);
        int open = 0;
        TagScanner scanner = new TagScanner(source);
        while (true) {
            at = Spaces.skip(source, at);
            if (at >= source.length()) {
                throw TemplateException.at(begun, "a tag is not closed, expected " + end);
            }
            boolean marked = source.charAt(at) == '-' || source.charAt(at) == '+' && endKind == Kind.BLOCK_END;
            if (open == 0 && source.startsWith(end, marked ? at + 1 : at)) {
                add(endKind, end);
                close(at, endKind == Kind.BLOCK_END);
                return;
            }
            Token token = scanner.next(at, line(at));
            at = scanner.end();
            tokens.add(token);
            if (token.kind() == Kind.OPERATOR) {
                open += "([{".contains(token.text()) ? 1 : ")]}".contains(token.text()) ? -1 : 0;
                if (open < 0) {
                    throw TemplateException.at(token.line(), token.shown() + " closes nothing");
                }
            }
        }
    }

    private void text(String text, int from) {
        if (!text.isEmpty()) {
            tokens.add(new Token(Kind.TEXT, text, line(from)));
        }
    }

    private void add(Kind kind, String text) {
        tokens.add(new Token(kind, text, line(at)));
    }

    /** The line of a place; places are asked for in about their order. */
    private int line(int place) {
        if (place < counted) {
            counted = 0;
            line = 1;
        }
        for (; counted < place; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
        return line;
    }
}
