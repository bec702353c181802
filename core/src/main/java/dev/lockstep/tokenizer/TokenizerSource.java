package dev.lockstep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A checkpoint's tokenizer in the format of the tokenizers library.
 *
 * @param name its name in messages: the file that it was made from
 * @param json the content of a {@value #FILE}
 */
public record TokenizerSource(String name, byte[] json) {
    /** The file of the tokenizers library. */
    public static final String FILE = "tokenizer.json";

    static final String CHARS_MAP = "precompiled_charsmap";

    /** Where SentencePiece models lie: the newer readers' name, then T5's. */
    private static final List<String> MODELS = List.of("tokenizer.model", "spiece.model");

    /**
     * The tokenizer of a folder; empty where it has none that can be used.
     *
     * @throws IllegalArgumentException naming the file, when it cannot be read or converted
     */
    public static Optional<TokenizerSource> find(Path folder) {
        Path file = folder.resolve(FILE);
        if (Files.isRegularFile(file)) {
            TokenizerSource source = new TokenizerSource(file.toString(), read(file));
            source.checkCharsMaps();
            return Optional.of(source);
        }
        for (String name : MODELS) {
            Path model = folder.resolve(name);
            // Some publish a tiktoken vocabulary under this name: lines of text.
            if (Files.isRegularFile(model) && !isTiktoken(model)) {
                return Optional.of(converted(
                        model,
                        () -> SentencePieceFile.convert(
                                SentencePieceModel.parse(read(model)), TokenizerSettings.read(folder))));
            }
        }
        Path merges = folder.resolve(BytePairFiles.MERGES);
        if (Files.isRegularFile(merges) && Files.isRegularFile(folder.resolve(BytePairFiles.VOCABULARY))) {
            return Optional.of(converted(merges, () -> BytePairFiles.convert(TokenizerSettings.read(folder))));
        }
        return Optional.empty();
    }

    private void checkCharsMaps() {
        // Most have none, and a large vocabulary is not read twice for it.
        if (!new String(json, StandardCharsets.ISO_8859_1).contains(CHARS_MAP)) {
            return;
        }
        try {
            for (JsonNode map : TokenizerJson.JSON.readTree(json).findValues(CHARS_MAP)) {
                CharsMap.check(map.binaryValue());
            }
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(name + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static TokenizerSource converted(Path file, Supplier<byte[]> conversion) {
        try {
            return new TokenizerSource(file.toString(), conversion.get());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    /**
     * Whether a file consists of lines with a token in Base64 and its rank. A SentencePiece model begins with a field's
     * key.
     */
    private static boolean isTiktoken(Path file) {
        byte[] bytes = read(file);
        int end = 0;
        while (end < bytes.length && end < 64 && bytes[end] != '\n') {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.ISO_8859_1).matches("[A-Za-z0-9+/]+=* [0-9]+");
    }

    /** What to say where a folder has no tokenizer that can be used. */
    public static String missing(Path folder) {
        return OlderTokenizers.missing(folder);
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }
}
