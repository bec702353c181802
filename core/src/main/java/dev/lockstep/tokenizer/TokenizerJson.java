package dev.lockstep.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;

/** Parts of the tokenizers library's file that the conversions share. */
final class TokenizerJson {
    static final ObjectMapper JSON = new ObjectMapper();

    private TokenizerJson() {}

    static ObjectNode node(String type) {
        return JSON.createObjectNode().put("type", type);
    }

    /** The steps one after the other; null for none. */
    static ObjectNode sequence(String name, ArrayNode steps) {
        ObjectNode sequence = node("Sequence");
        sequence.set(name, steps);
        return steps.isEmpty() ? null : sequence;
    }

    static ObjectNode replace(String kind, String pattern, String content) {
        ObjectNode replace = node("Replace");
        replace.putObject("pattern").put(kind, pattern);
        return replace.put("content", content);
    }

    /** A post-processor that puts a token at each end; null where there are none. */
    static ObjectNode ends(String begin, Integer beginId, String end, Integer endId) {
        if (begin == null && end == null) {
            return null;
        }
        ObjectNode template = node("TemplateProcessing");
        ObjectNode tokens = JSON.createObjectNode();
        for (String side : new String[] {"single", "pair"}) {
            ArrayNode parts = template.putArray(side);
            for (String sequence : side.equals("single") ? new String[] {"A"} : new String[] {"A", "B"}) {
                special(parts, tokens, begin, beginId);
                parts.addObject().putObject("Sequence").put("id", sequence).put("type_id", 0);
                special(parts, tokens, end, endId);
            }
        }
        template.set("special_tokens", tokens);
        return template;
    }

    private static void special(ArrayNode parts, ObjectNode tokens, String token, Integer id) {
        if (token != null) {
            parts.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
            ObjectNode entry = tokens.putObject(token).put("id", token);
            entry.putArray("ids").add(id);
            entry.putArray("tokens").add(token);
        }
    }

    /** The whole file; parts may be null. */
    static byte[] file(
            Map<Integer, ObjectNode> added,
            ObjectNode normalizer,
            ObjectNode preTokenizer,
            ObjectNode postProcessor,
            ObjectNode decoder,
            ObjectNode model) {
        ObjectNode root = JSON.createObjectNode()
                .put("version", "1.0")
                .putNull("truncation")
                .putNull("padding");
        ArrayNode tokens = root.putArray("added_tokens");
        new TreeMap<>(added).values().forEach(tokens::add);
        root.set("normalizer", normalizer);
        root.set("pre_tokenizer", preTokenizer);
        root.set("post_processor", postProcessor);
        root.set("decoder", decoder);
        root.set("model", model);
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tokenizer cannot be written as JSON", e);
        }
    }
}
