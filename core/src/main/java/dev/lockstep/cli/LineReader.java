package dev.lockstep.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.chat.Chat;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Rows of a text file (each line a prompt) or of a file of JSON lines (blank ones are skipped), in UTF-8. */
final class LineReader implements RowReader {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final Path file;
    private final BufferedReader lines;
    private final boolean json;
    private final String textField;
    private long number;

    private LineReader(Path file, BufferedReader lines, boolean json, String textField) {
        this.file = file;
        this.lines = lines;
        this.json = json;
        this.textField = textField;
    }

    /** @throws IllegalArgumentException when the name ends in neither .txt nor .jsonl */
    static LineReader open(Path file) throws IOException {
        return open(file, "prompt");
    }

    /**
     * @param textField the field of an object, or of the object a line becomes, that holds its text
     * @throws IllegalArgumentException when the name ends in neither .txt nor .jsonl
     */
    static LineReader open(Path file, String textField) throws IOException {
        String name = file.getFileName().toString();
        boolean json = name.endsWith(".jsonl");
        if (!json && !name.endsWith(".txt")) {
            throw new IllegalArgumentException("--input is " + file + ", expected a name ending in .txt (each line a "
                    + textField + ") or .jsonl (each line an object)");
        }
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("--input is " + file + ", but there is no such file");
        }
        return new LineReader(
                file,
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8)),
                json,
                textField);
    }

    @Override
    public InputRow next() {
        try {
            String line = lines.readLine();
            number++;
            while (json && line != null && line.isBlank()) {
                line = lines.readLine();
                number++;
            }
            return line == null ? null : row(line);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read past line " + number + ": " + e.getMessage(), e);
        }
    }

    private InputRow row(String line) {
        String place = file + " line " + number;
        if (!json) {
            return InputRow.ofPrompt(place, JSON.createObjectNode().put(textField, line), line);
        }
        try {
            JsonNode node = JSON.readTree(line);
            return node instanceof ObjectNode fields
                    ? row(place, fields)
                    : bad(place, line, "the line holds a JSON " + node.getNodeType() + ", expected an object");
        } catch (JsonProcessingException e) {
            return bad(place, line, "the line is no JSON: " + e.getOriginalMessage());
        }
    }

    private InputRow row(String place, ObjectNode fields) {
        JsonNode prompt = fields.get(textField);
        JsonNode tokens = fields.get("token_ids");
        JsonNode messages = fields.get("messages");
        int given = (prompt == null ? 0 : 1) + (tokens == null ? 0 : 1) + (messages == null ? 0 : 1);
        if (given != 1) {
            return InputRow.bad(
                    place,
                    fields,
                    "the row has " + (given == 0 ? "none" : "more than one") + " of " + textField
                            + ", token_ids and messages, expected one of them");
        }
        if (messages != null) {
            return ofChat(place, fields, messages);
        }
        if (prompt != null && (prompt.isTextual() || prompt.isNull())) {
            return InputRow.ofPrompt(place, fields, prompt.textValue());
        }
        if (prompt != null) {
            return InputRow.bad(place, fields, textField + " is " + prompt + ", expected a string");
        }
        return tokens.isNull() ? InputRow.ofTokens(place, fields, null) : ofTokens(place, fields, tokens);
    }

    private static InputRow ofChat(String place, ObjectNode fields, JsonNode messages) {
        if (messages.isNull()) {
            return InputRow.ofChat(place, fields, null);
        }
        try {
            return InputRow.ofChat(place, fields, Chat.of(messages, fields.get("tools")));
        } catch (IllegalArgumentException e) {
            return InputRow.bad(place, fields, e.getMessage());
        }
    }

    private static InputRow ofTokens(String place, ObjectNode fields, JsonNode tokens) {
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            if (!tokens.get(i).isIntegralNumber() || !tokens.get(i).canConvertToInt()) {
                return InputRow.bad(
                        place, fields, "token " + i + " of token_ids is " + tokens.get(i) + ", expected an integer");
            }
            ids[i] = tokens.get(i).intValue();
        }
        return tokens.isArray()
                ? InputRow.ofTokens(place, fields, ids)
                : InputRow.bad(place, fields, "token_ids is " + tokens + ", expected a list of integers");
    }

    /** A line that is not an object is returned under {@code line}, so that nothing of the input is lost. */
    private static InputRow bad(String place, String line, String error) {
        return InputRow.bad(place, JSON.createObjectNode().put("line", line), error);
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
