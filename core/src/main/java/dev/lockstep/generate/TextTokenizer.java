package dev.lockstep.generate;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.lockstep.tokenizer.TokenBytes;
import dev.lockstep.tokenizer.TokenizerSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Converts text to tokens and back with a checkpoint's tokenizer. Opens no network connection. Encoding and decoding
 * may be called by several threads at once; closing it frees native memory and must come last.
 */
public final class TextTokenizer implements AutoCloseable {
    private static final String FILE = TokenizerSource.FILE;

    private final HuggingFaceTokenizer tokenizer;
    /** The tokenizer's file, read again: large ones are not kept for what few jobs ask for. */
    private final Supplier<byte[]> json;

    private TextTokenizer(HuggingFaceTokenizer tokenizer, Supplier<byte[]> json) {
        this.tokenizer = tokenizer;
        this.json = json;
    }

    /**
     * Reads the tokenizer of a checkpoint's folder: {@value #FILE}, or older files that can be turned into one.
     *
     * @throws IllegalArgumentException when there is none or it cannot be read
     */
    public static TextTokenizer open(Path folder) {
        return find(folder).orElseThrow(() -> new IllegalArgumentException(missing(folder)));
    }

    /**
     * The tokenizer of a checkpoint's folder; empty where there is none.
     *
     * @throws IllegalArgumentException when there is one that cannot be read
     */
    static Optional<TextTokenizer> find(Path folder) {
        return TokenizerSource.find(folder)
                .map(source -> parse(source.name(), source.json(), () -> TokenizerSource.find(folder)
                        .orElseThrow(() -> new IllegalArgumentException(missing(folder)))
                        .json()));
    }

    /**
     * Reads the content of a {@value #FILE}.
     *
     * @param name what messages call it
     * @throws IllegalArgumentException when it cannot be read
     */
    public static TextTokenizer parse(String name, byte[] json) {
        return parse(name, json, () -> json);
    }

    private static TextTokenizer parse(String name, byte[] json, Supplier<byte[]> again) {
        // Without this the library asks an address on the network for its metadata and reports its use to another.
        System.setProperty("ai.djl.offline", "true");
        Map<String, String> options = Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");
        try {
            return new TextTokenizer(HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options), again);
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    name + " is no tokenizer that can be read (a " + FILE + " of the tokenizers library): " + e, e);
        }
    }

    /** What to say where a prompt in text meets a checkpoint without tokenizer. */
    public static String missing(Path folder) {
        return TokenizerSource.missing(folder) + "; or give prompts as token_ids";
    }

    /** The tokens of a text, special tokens added as the checkpoint's post-processor says; never truncated. */
    public int[] encode(String text) {
        return encode(text, true);
    }

    /**
     * The tokens of a text, never truncated.
     *
     * @param special whether special tokens are added at its ends; those written in the text are found in any case
     */
    public int[] encode(String text, boolean special) {
        long[] ids = tokenizer.encode(text, special, false).getIds();
        int[] tokens = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = Math.toIntExact(ids[i]);
        }
        return tokens;
    }

    /** The text of tokens, special tokens skipped. */
    public String decode(int[] tokens) {
        return decode(tokens, 0, tokens.length);
    }

    /** The text of {@code tokens[from .. to)}, special tokens skipped. */
    String decode(int[] tokens, int from, int to) {
        long[] ids = new long[to - from];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens[from + i];
        }
        return ids.length == 0 ? "" : tokenizer.decode(ids, true);
    }

    /**
     * What each token writes.
     *
     * @throws IllegalArgumentException when that cannot be found out
     */
    TokenBytes tokenBytes() {
        return TokenBytes.of(json.get(), batch -> tokenizer.batchDecode(batch, true));
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
