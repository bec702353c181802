package dev.lockstep.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Tokenizers that have to be converted before, and how. */
final class OlderTokenizers {
    private OlderTokenizers() {}

    /** What makes a {@code tokenizer.json} of any tokenizer that the transformers library reads. */
    static String command() {
        return "make a tokenizer.json with python -c \"from transformers import AutoTokenizer;"
                + " AutoTokenizer.from_pretrained('FOLDER', use_fast=True, trust_remote_code=True).save_pretrained('FOLDER')\""
                + " and put it beside the weights";
    }

    /** Why a folder has no tokenizer that can be read, and what to do. */
    static String missing(Path folder) {
        String reader = TokenizerSettings.read(folder).family();
        String found = others(folder);
        return folder + " holds no tokenizer.json, tokenizer.model, or vocab.json with merges.txt"
                + (found.isEmpty() ? "" : ", but " + found + ", which is not read here")
                + (reader.isEmpty() ? "" : " (" + reader + "Tokenizer in tokenizer_config.json)")
                + ": " + command();
    }

    private static String others(Path folder) {
        if (!Files.isDirectory(folder)) {
            return "";
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".tiktoken")
                            || name.equals("tiktoken.model")
                            || name.equals("vocab.txt")
                            || name.equals("vocab.json")
                            || name.endsWith(".spm")
                            || name.endsWith(".model"))
                    .sorted()
                    .toList();
            return String.join(", ", names);
        } catch (IOException e) {
            throw new IllegalArgumentException(folder + " cannot be listed: " + e, e);
        }
    }
}
