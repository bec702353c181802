package dev.lockstep.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Templates in the manner of published families, each a folder with chats and what Jinja2, set up as the transformers
 * library does, makes of them on 26 July 2024.
 */
final class Families {
    static final Path ROOT = Path.of("src/test/resources/chat");

    private Families() {}

    /** @param expected the prompt, or null where the template raises {@code error} */
    record Case(Path folder, int number, Chat chat, String expected, String error) {
        @Override
        public String toString() {
            return folder.getFileName() + " " + number;
        }
    }

    static List<Case> cases() throws IOException {
        List<Case> cases = new ArrayList<>();
        try (Stream<Path> folders = Files.list(ROOT)) {
            for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
                int number = 0;
                for (JsonNode each :
                        new ObjectMapper().readTree(folder.resolve("cases.json").toFile())) {
                    cases.add(new Case(
                            folder,
                            number++,
                            Chat.of(each.get("messages"), each.get("tools")),
                            each.path("expected").textValue(),
                            each.path("error").textValue()));
                }
            }
        }
        return cases;
    }
}
