package dev.lockstep.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lockstep.backend.Pooling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A checkpoint's defaults for embeddings, from the files of the sentence-transformers library beside the weights:
 * {@code modules.json} lists the modules applied to the hidden states, a pooling module's folder has a {@code
 * config.json}, and {@code sentence_bert_config.json} the length at which texts are cut. Without them: the plain mean.
 */
public final class EmbeddingDefaults {
    private static final String MODULES = "modules.json";
    private static final String PROMPTS = "config_sentence_transformers.json";
    private static final String LENGTH = "sentence_bert_config.json";
    /** No such file is larger than some kilobytes. */
    private static final long MOST_BYTES = 1L << 20;

    private static final Map<String, Pooling> POOLINGS = Map.of(
            "pooling_mode_mean_tokens", Pooling.MEAN,
            "pooling_mode_cls_token", Pooling.CLS,
            "pooling_mode_lasttoken", Pooling.LAST);

    private EmbeddingDefaults() {}

    /**
     * Reads the defaults of a checkpoint's folder.
     *
     * @throws IllegalArgumentException when a file cannot be read, or asks for something unsupported, with the setting
     *     to use instead
     */
    public static EmbeddingOptions read(Path folder) {
        if (!Files.isRegularFile(folder.resolve(MODULES))) {
            return new EmbeddingOptions(Pooling.MEAN, false, 0);
        }
        Pooling pooling = Pooling.MEAN;
        boolean normalize = false;
        for (JsonNode module : json(folder.resolve(MODULES))) {
            String type = module.path("type").asText();
            switch (type.substring(type.lastIndexOf('.') + 1)) {
                case "Transformer" -> {}
                case "Pooling" -> pooling = pooling(folder, module.path("path").asText());
                case "Normalize" -> normalize = true;
                default ->
                    throw refused(
                            folder.resolve(MODULES),
                            "lists the module " + type + "; Transformer, Pooling and Normalize are");
            }
        }
        refuseDefaultPrompt(folder.resolve(PROMPTS));
        Path length = folder.resolve(LENGTH);
        int most = Files.isRegularFile(length)
                ? json(length).path("max_seq_length").asInt(0)
                : 0;
        return new EmbeddingOptions(pooling, normalize, most);
    }

    private static Pooling pooling(Path folder, String module) {
        Path inside = folder.resolve(module).normalize();
        if (!inside.startsWith(folder.normalize())) {
            throw new IllegalArgumentException(
                    folder.resolve(MODULES) + " names the folder '" + module + "', expected one inside " + folder);
        }
        Path file = inside.resolve("config.json");
        Pooling found = null;
        for (Map.Entry<String, JsonNode> mode : json(file).properties()) {
            if (mode.getKey().startsWith("pooling_mode_") && mode.getValue().asBoolean()) {
                Pooling pooling = POOLINGS.get(mode.getKey());
                if (pooling == null || found != null) {
                    throw refused(
                            file,
                            "asks for " + mode.getKey() + (found == null ? "" : " beside " + found) + "; one of "
                                    + POOLINGS.keySet() + " is");
                }
                found = pooling;
            }
        }
        if (found == null) {
            throw refused(file, "names no pooling; one of " + POOLINGS.keySet() + " is");
        }
        return found;
    }

    private static void refuseDefaultPrompt(Path file) {
        JsonNode name = Files.isRegularFile(file) ? json(file).path("default_prompt_name") : null;
        if (name != null && name.isTextual()) {
            throw refused(
                    file, "puts the prompt '" + name.asText() + "' before every text, which is left to you; none is");
        }
    }

    private static IllegalArgumentException refused(Path file, String found) {
        return new IllegalArgumentException(file + " " + found
                + " served as a default: say how embeddings are made with --pooling and --[no-]normalize");
    }

    private static JsonNode json(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new IllegalArgumentException(
                        file + " has " + Files.size(file) + " bytes, expected at most " + MOST_BYTES);
            }
            return new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e, e);
        }
    }
}
