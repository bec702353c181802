package dev.lockstep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Converts a byte-pair vocabulary, {@code vocab.json} and {@code merges.txt}, to the tokenizers library's format. */
final class BytePairFiles {
    static final String VOCABULARY = "vocab.json";
    static final String MERGES = "merges.txt";

    /**
     * Tokenizer classes that split texts into words as GPT-2's does and add only what {@code add_bos_token} asks for.
     */
    private static final Set<String> AS_GPT2 = Set.of("", "GPT2", "CodeGen", "GPTNeoX");

    /** Readers that do the same and put a token at each end. */
    private static final Set<String> AS_ROBERTA = Set.of("Roberta", "Bart", "Longformer", "LED", "Mvp");

    private BytePairFiles() {}

    /** @throws IllegalArgumentException when a file is damaged or the settings name another kind of reader */
    static byte[] convert(TokenizerSettings settings) {
        String family = settings.family();
        boolean roberta = AS_ROBERTA.contains(family);
        if (!roberta && !AS_GPT2.contains(family)) {
            throw new IllegalArgumentException("its reader " + family + "Tokenizer cuts texts up in a way of its own: "
                    + OlderTokenizers.command());
        }
        ObjectNode vocabulary = vocabulary(settings.folder().resolve(VOCABULARY));
        Map<Integer, ObjectNode> added = new TreeMap<>();
        for (String token : settings.specialTokens()) {
            if (vocabulary.has(token)) {
                int id = vocabulary.get(token).intValue();
                added.put(id, TokenizerSettings.addedToken(id, token, true));
            }
        }
        if (vocabulary.has("<|endoftext|>")) {
            int id = vocabulary.get("<|endoftext|>").intValue();
            added.putIfAbsent(id, TokenizerSettings.addedToken(id, "<|endoftext|>", true));
        }
        settings.addedTokens().forEach((id, token) -> {
            added.put(id, token);
            vocabulary.put(token.get("content").textValue(), id);
        });
        ObjectNode words = TokenizerJson.node("ByteLevel")
                .put("add_prefix_space", settings.flag("add_prefix_space", false))
                .put("trim_offsets", true)
                .put("use_regex", true);
        return TokenizerJson.file(
                added, null, words, ends(settings, vocabulary, roberta), words.deepCopy(), model(settings, vocabulary));
    }

    private static ObjectNode ends(TokenizerSettings settings, ObjectNode vocabulary, boolean roberta) {
        boolean begins = roberta || settings.flag("add_bos_token", false);
        boolean ends = roberta || settings.flag("add_eos_token", false);
        String begin = begins ? token(settings, vocabulary, "bos_token", roberta ? "<s>" : "<|endoftext|>") : null;
        String end = ends ? token(settings, vocabulary, "eos_token", roberta ? "</s>" : "<|endoftext|>") : null;
        return TokenizerJson.ends(
                begin,
                begin == null ? null : (Integer) vocabulary.get(begin).intValue(),
                end,
                end == null ? null : (Integer) vocabulary.get(end).intValue());
    }

    private static String token(TokenizerSettings settings, ObjectNode vocabulary, String key, String absent) {
        String token = settings.token(key, absent);
        if (!vocabulary.has(token)) {
            throw new IllegalArgumentException(key + " is " + token + ", which the vocabulary does not have");
        }
        return token;
    }

    private static ObjectNode vocabulary(Path file) {
        try {
            JsonNode root = TokenizerJson.JSON.readTree(TokenizerSource.read(file));
            if (root instanceof ObjectNode vocabulary && !vocabulary.isEmpty()) {
                return vocabulary;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(file + " holds no vocabulary, expected an object of tokens and their ids");
    }

    private static ObjectNode model(TokenizerSettings settings, ObjectNode vocabulary) {
        ObjectNode model = TokenizerJson.node("BPE")
                .putNull("dropout")
                .putNull("unk_token")
                .put("continuing_subword_prefix", "")
                .put("end_of_word_suffix", "")
                .put("fuse_unk", false);
        model.set("vocab", vocabulary);
        ArrayNode merges = model.putArray("merges");
        Path file = settings.folder().resolve(MERGES);
        String[] lines = new String(TokenizerSource.read(file), StandardCharsets.UTF_8).split("\r?\n");
        for (int i = 0; i < lines.length; i++) {
            String[] pair = lines[i].split(" ");
            if (i == 0 && lines[i].startsWith("#version") || lines[i].isBlank()) {
                continue;
            }
            if (pair.length != 2) {
                throw new IllegalArgumentException(
                        file + " line " + (i + 1) + " is '" + lines[i] + "', expected two tokens");
            }
            merges.addArray().add(pair[0]).add(pair[1]);
        }
        return model;
    }
}
