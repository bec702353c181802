package dev.lockstep.cli;

import dev.lockstep.generate.Embedding;
import dev.lockstep.generate.EmbeddingRequest;
import dev.lockstep.generate.EmbeddingSink;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.BiConsumer;

/**
 * Rows in flight from the reader through the embedder to the output, in the reader's order. At most the embedder's
 * window of rows is held. Used by one thread.
 */
final class EmbedStream implements Iterator<EmbeddingRequest>, EmbeddingSink {
    private final RowReader reader;
    private final BiConsumer<InputRow, Embedding> output;
    private final boolean failOnError;
    private final Deque<OpenRow> open = new ArrayDeque<>();
    private final Map<Long, OpenRow> running = new HashMap<>();
    private EmbeddingRequest next;
    private long rows;
    private long failed;

    /** @param output takes rows in their order, with null where there was nothing to embed */
    EmbedStream(RowReader reader, BiConsumer<InputRow, Embedding> output, boolean failOnError) {
        this.reader = reader;
        this.output = output;
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
    public boolean hasNext() {
        while (next == null) {
            InputRow input = reader.next();
            if (input == null) {
                return false;
            }
            OpenRow row = new OpenRow(input);
            open.add(row);
            long id = rows++;
            if (input.prompt() != null || input.tokenIds() != null) {
                running.put(id, row);
                next = new EmbeddingRequest(id, input.prompt(), input.tokenIds());
            } else {
                String error = input.chat() == null
                        ? input.error()
                        : "the row has messages, but chats are not embedded: expected text or token_ids";
                finish(row, error == null ? null : Embedding.failed(id, error));
            }
        }
        return true;
    }

    @Override
    public EmbeddingRequest next() {
        if (!hasNext()) {
            throw new NoSuchElementException("all rows were read");
        }
        EmbeddingRequest request = next;
        next = null;
        return request;
    }

    /** @throws RowStream.RowFailedException for a row with an error, when rows must not fail */
    @Override
    public void accept(Embedding embedding) {
        finish(running.remove(embedding.id()), embedding);
    }

    private void finish(OpenRow row, Embedding embedding) {
        if (embedding != null && embedding.error() != null) {
            failed++;
            if (failOnError) {
                throw new RowStream.RowFailedException(row.input.place() + ": " + embedding.error());
            }
        }
        row.embedding = embedding;
        row.done = true;
        while (!open.isEmpty() && open.peek().done) {
            OpenRow first = open.poll();
            output.accept(first.input, first.embedding);
        }
    }

    /** A row that is read and not yet written. */
    private static final class OpenRow {
        private final InputRow input;
        private Embedding embedding;
        private boolean done;

        OpenRow(InputRow input) {
            this.input = input;
        }
    }
}
