package dev.lockstep.cli;

import dev.lockstep.generate.Completion;
import java.io.PrintStream;

/** Prints the text of rows, for people. */
final class TextPrinter implements RowWriter {
    private final PrintStream out;

    TextPrinter(PrintStream out) {
        this.out = out;
    }

    @Override
    public void write(InputRow row, Completion completion) {
        completion.outputs().forEach(output -> out.println(output.text()));
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
