package dev.lockstep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The UTF-8 bytes that each token of a vocabulary decodes to. Tokens of byte-level vocabularies represent their bytes
 * by special characters, those of others may name one byte ({@code <0x0A>}); so the bytes of a character can be split
 * over several tokens. For all other tokens the decoder itself is used: alone, and after a known token.
 *
 * @param first by token, at the beginning of a text; null for one without text or with unknown text (special tokens,
 *     ids without token)
 * @param later by token, after another one; may be the very same array
 */
public record TokenBytes(byte[][] first, byte[][] later) {
    private static final char REPLACEMENT = '\uFFFD';
    /** Decoded together, so that a call of the library serves many. */
    private static final int BATCH = 1024;

    /**
     * Finds the bytes of the tokens.
     *
     * @param json the content of a {@code tokenizer.json}
     * @param decode the texts of sequences of tokens, special ones skipped
     * @throws IllegalArgumentException when there is no vocabulary in it
     */
    public static TokenBytes of(byte[] json, Function<long[][], String[]> decode) {
        JsonNode root;
        try {
            root = TokenizerJson.JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException("the tokenizer is no JSON: " + e.getMessage(), e);
        }
        Set<Integer> special = new HashSet<>();
        TreeMap<Integer, String> tokens = vocabulary(root, special);
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("the tokenizer's vocabulary is empty, expected tokens");
        }
        int size = tokens.lastKey() + 1;
        Set<String> decoders = new HashSet<>();
        root.path("decoder").findValuesAsText("type").forEach(decoders::add);
        tokens.keySet().removeAll(special);
        return decoders.contains("ByteLevel")
                ? byteLevel(tokens, size)
                : decoded(tokens, size, decoders.contains("ByteFallback"), decode);
    }

    private static TreeMap<Integer, String> vocabulary(JsonNode root, Set<Integer> special) {
        TreeMap<Integer, String> tokens = new TreeMap<>();
        JsonNode model = root.path("model").path("vocab");
        if (model.isArray()) {
            for (int id = 0; id < model.size(); id++) {
                tokens.put(id, model.get(id).path(0).asText());
            }
        } else {
            model.properties().forEach(each -> tokens.put(each.getValue().intValue(), each.getKey()));
        }
        for (JsonNode added : root.path("added_tokens")) {
            int id = added.path("id").intValue();
            tokens.put(id, added.path("content").asText());
            if (added.path("special").booleanValue()) {
                special.add(id);
            }
        }
        return tokens;
    }

    private static TokenBytes byteLevel(Map<Integer, String> tokens, int size) {
        int[] bytes = ByteCharacters.bytes();
        byte[][] texts = new byte[size][];
        tokens.forEach((id, token) -> texts[id] = spelled(token, bytes));
        return new TokenBytes(texts, texts);
    }

    /** The bytes that a token's characters stand for; those of the token itself where one stands for none. */
    private static byte[] spelled(String token, int[] bytes) {
        byte[] text = new byte[token.length()];
        for (int i = 0; i < text.length; i++) {
            char c = token.charAt(i);
            if (c >= bytes.length || bytes[c] < 0) {
                return token.getBytes(StandardCharsets.UTF_8);
            }
            text[i] = (byte) bytes[c];
        }
        return text;
    }

    private static TokenBytes decoded(
            Map<Integer, String> tokens, int size, boolean byteFallback, Function<long[][], String[]> decode) {
        List<Integer> ids = List.copyOf(tokens.keySet());
        String[] alone = decodeAll(ids, -1, decode);
        int known = known(alone);
        String[] after = known < 0 ? alone : decodeAll(ids, ids.get(known), decode);
        byte[][] first = new byte[size][];
        byte[][] later = new byte[size][];
        for (int i = 0; i < ids.size(); i++) {
            int id = ids.get(i);
            String token = tokens.get(id);
            if (byteFallback && token.matches("<0x[0-9A-F]{2}>")) {
                first[id] = new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
                later[id] = first[id];
                continue;
            }
            first[id] = utf8(alone[i]);
            String before = known < 0 ? "" : alone[known];
            later[id] = after[i].startsWith(before) ? utf8(after[i].substring(before.length())) : null;
        }
        return new TokenBytes(first, later);
    }

    /** A token that writes a letter, whatever it stands beside; -1 where there is none. */
    private static int known(String[] alone) {
        for (int i = 0; i < alone.length; i++) {
            if (alone[i].length() == 1 && Character.isLetterOrDigit(alone[i].charAt(0))) {
                return i;
            }
        }
        return -1;
    }

    /** @param before the token before each; -1 for none */
    private static String[] decodeAll(List<Integer> ids, int before, Function<long[][], String[]> decode) {
        String[] texts = new String[ids.size()];
        for (int from = 0; from < texts.length; from += BATCH) {
            int count = Math.min(BATCH, texts.length - from);
            long[][] batch = new long[count][];
            for (int i = 0; i < count; i++) {
                long id = ids.get(from + i);
                batch[i] = before < 0 ? new long[] {id} : new long[] {before, id};
            }
            System.arraycopy(decode.apply(batch), 0, texts, from, count);
        }
        return texts;
    }

    private static byte[] utf8(String text) {
        return text.isEmpty() || text.indexOf(REPLACEMENT) >= 0 ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
