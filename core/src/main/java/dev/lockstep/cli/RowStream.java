package dev.lockstep.cli;

import dev.lockstep.generate.Completion;
import dev.lockstep.generate.CompletionSink;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Request;
import dev.lockstep.generate.RequestSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Rows in flight from the reader through the generator to the writer, in the reader's order. At most {@link #WINDOW}
 * rows are in flight, so memory does not grow with the file. Used by the leader's thread only.
 */
final class RowStream implements RequestSource, CompletionSink {
    /** Large enough that one long row at the front does not prevent full batches. */
    static final int WINDOW = 4096;

    private final RowReader reader;
    private final RowWriter writer;
    private final GenerationOptions options;
    private final boolean failOnError;
    private final Deque<OpenRow> open = new ArrayDeque<>();
    private final Map<Long, OpenRow> running = new HashMap<>();
    private boolean exhausted;
    private long rows;
    private long failed;

    RowStream(RowReader reader, RowWriter writer, GenerationOptions options, boolean failOnError) {
        this.reader = reader;
        this.writer = writer;
        this.options = options;
        this.failOnError = failOnError;
    }

    /** Rows read so far. */
    long rows() {
        return rows;
    }

    /** Rows written with an error so far. */
    long failed() {
        return failed;
    }

    @Override
    public Request poll() {
        while (!exhausted && open.size() < WINDOW) {
            InputRow input = reader.next();
            if (input == null) {
                exhausted = true;
                return null;
            }
            OpenRow row = new OpenRow(input);
            open.add(row);
            long id = rows++;
            if (input.runs()) {
                running.put(id, row);
                return new Request(id, input.prompt(), input.tokenIds(), input.chat(), options);
            }
            finish(row, input.error() == null ? null : Completion.failed(id, input.error()));
        }
        return null;
    }

    @Override
    public boolean exhausted() {
        return exhausted;
    }

    /** @throws RowFailedException for a row with an error, when rows must not fail */
    @Override
    public void accept(Completion completion) {
        finish(running.remove(completion.id()), completion);
    }

    private void finish(OpenRow row, Completion completion) {
        if (completion != null && completion.error() != null) {
            failed++;
            if (failOnError) {
                throw new RowFailedException(row.input.place() + ": " + completion.error());
            }
        }
        row.completion = completion;
        row.done = true;
        while (!open.isEmpty() && open.peek().done) {
            OpenRow first = open.poll();
            writer.write(first.input, first.completion);
        }
    }

    /** A row that is read and not yet written. */
    private static final class OpenRow {
        private final InputRow input;
        private Completion completion;
        private boolean done;

        OpenRow(InputRow input) {
            this.input = input;
        }
    }

    /** A row that could not be run, where that ends the run. */
    static final class RowFailedException extends RuntimeException {
        RowFailedException(String message) {
            super(message);
        }
    }
}
