package dev.lockstep.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A checkpoint's tokenizer in the form of the tokenizers library.
 *
 * @param name what messages call it: the file it was made of
 * @param json the content of a {@value #FILE}
 */
public record TokenizerSource(String name, byte[] json) {
    /** The file of the tokenizers library. */
    public static final String FILE = "tokenizer.json";

    /**
     * The tokenizer of a folder; empty where it has none that can be used.
     *
     * @throws IllegalArgumentException naming the file, when it cannot be read
     */
    public static Optional<TokenizerSource> find(Path folder) {
        Path file = folder.resolve(FILE);
        return Files.isRegularFile(file)
                ? Optional.of(new TokenizerSource(file.toString(), read(file)))
                : Optional.empty();
    }

    /** What to say where a folder has no tokenizer that can be used. */
    public static String missing(Path folder) {
        return folder + " holds no " + FILE;
    }

    static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }
}
