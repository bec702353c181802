package dev.lockstep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lockstep.generate.Completion;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Request;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class RowStreamTest {

    /** Writes {@code prompt=text}. */
    private static final class Lines implements RowWriter {
        private final List<String> lines = new ArrayList<>();

        @Override
        public void write(InputRow row, Completion completion) {
            String text = completion == null ? "nothing" : completion.error() != null ? "error" : completion.text();
            lines.add(row.prompt() + "=" + text);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private record Rows(Iterator<InputRow> rows) implements RowReader {
        static Rows of(List<InputRow> rows) {
            return new Rows(rows.iterator());
        }

        @Override
        public InputRow next() {
            return rows.hasNext() ? rows.next() : null;
        }

        @Override
        public void close() {}
    }

    private static InputRow row(String prompt) {
        return InputRow.ofPrompt("row " + prompt, JsonNodeFactory.instance.objectNode(), prompt);
    }

    private static Completion done(Request request) {
        return new Completion(
                request.id(), "<" + request.prompt() + ">", new int[] {1}, 1, Completion.Finish.EOS, null);
    }

    private final Lines lines = new Lines();

    private RowStream stream(List<InputRow> rows, boolean failOnError) {
        return new RowStream(Rows.of(rows), lines, GenerationOptions.GREEDY, failOnError);
    }

    @Test
    void rowsAreWrittenInTheOrderOfTheInput() {
        RowStream stream = stream(List.of(row("a"), row("b"), row("c")), false);
        Request a = stream.poll();
        Request b = stream.poll();
        Request c = stream.poll();
        assertThat(stream.poll()).isNull();
        assertThat(stream.exhausted()).isTrue();

        stream.accept(done(c));
        stream.accept(done(b));
        assertThat(lines.lines).isEmpty();
        stream.accept(done(a));

        assertThat(lines.lines).containsExactly("a=<a>", "b=<b>", "c=<c>");
        assertThat(stream.rows()).isEqualTo(3);
    }

    @Test
    void rowsThatCannotRunDoNotHoldOthersUp() {
        InputRow bad = InputRow.bad("line 2", JsonNodeFactory.instance.objectNode(), "no row");
        RowStream stream = stream(List.of(row("a"), bad, row(null), row("d")), false);
        Request a = stream.poll();
        Request d = stream.poll();

        assertThat(d.prompt()).isEqualTo("d");
        stream.accept(done(a));
        stream.accept(Completion.failed(d.id(), "too long"));

        assertThat(lines.lines).containsExactly("a=<a>", "null=error", "null=nothing", "d=error");
        assertThat(stream.failed()).isEqualTo(2);
    }

    @Test
    void theFirstErrorEndsTheRunWhereRowsMustNotFail() {
        RowStream stream = stream(List.of(row("a")), true);
        Request a = stream.poll();

        assertThatThrownBy(() -> stream.accept(Completion.failed(a.id(), "too long")))
                .isInstanceOf(RowStream.RowFailedException.class)
                .hasMessage("row a: too long");
    }

    @Test
    void noMoreThanAWindowOfRowsIsHeld() {
        int many = RowStream.WINDOW + 10;
        RowStream stream =
                stream(IntStream.range(0, many).mapToObj(i -> row("" + i)).toList(), false);
        Request first = stream.poll();
        List<Request> others = new ArrayList<>();
        for (Request next = stream.poll(); next != null; next = stream.poll()) {
            others.add(next);
        }
        assertThat(others).hasSize(RowStream.WINDOW - 1);
        assertThat(stream.exhausted()).isFalse();

        others.forEach(each -> stream.accept(done(each)));
        assertThat(stream.poll()).isNull();
        stream.accept(done(first));

        assertThat(lines.lines).hasSize(RowStream.WINDOW);
        assertThat(stream.poll().prompt()).isEqualTo("" + RowStream.WINDOW);
    }
}
