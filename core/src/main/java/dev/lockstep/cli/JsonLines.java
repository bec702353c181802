package dev.lockstep.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.generate.Completion;
import dev.lockstep.generate.Embedding;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes rows as JSON lines in UTF-8: the input's fields, then what came of them. */
final class JsonLines implements RowWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Writer out;
    private final boolean closes;

    private JsonLines(Writer out, boolean closes) {
        this.out = out;
        this.closes = closes;
    }

    /** @param file null for standard output */
    static JsonLines to(Path file) throws IOException {
        return file == null
                ? new JsonLines(new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8)), false)
                : new JsonLines(Files.newBufferedWriter(file), true);
    }

    @Override
    public void write(InputRow row, Completion completion) {
        ObjectNode line = row.fields();
        if (completion == null) {
            line.putNull("output").putNull("output_token_ids").putNull("finish_reason");
        } else if (completion.error() != null) {
            line.putNull("output").putNull("output_token_ids").put("finish_reason", "error");
        } else if (completion.outputs().size() == 1) {
            CompletionFields.one(line, completion.outputs().get(0));
        } else {
            CompletionFields.several(line, completion.outputs());
        }
        line.put("error", completion == null ? null : completion.error());
        write(row, line);
    }

    /** @param embedding null where the row had nothing to embed */
    void write(InputRow row, Embedding embedding) {
        ObjectNode line = row.fields();
        if (embedding == null || embedding.vector() == null) {
            line.putNull("embedding");
        } else {
            ArrayNode vector = line.putArray("embedding");
            for (float value : embedding.vector()) {
                vector.add(value);
            }
        }
        line.put("error", embedding == null ? null : embedding.error());
        write(row, line);
    }

    private void write(InputRow row, ObjectNode line) {
        try {
            out.write(JSON.writeValueAsString(line));
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("the output of " + row.place() + " cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the output cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        flush();
        if (closes) {
            try {
                out.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the output cannot be written: " + e.getMessage(), e);
            }
        }
    }
}
