package dev.lockstep.architecture;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.checkpoint.Config;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Configurations for tests: that of a golden case, with some keys changed. */
final class Configs {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Configs() {}

    /**
     * The golden case's configuration with the members of a JSON object put over it.
     *
     * @param changes an object without its braces and with single quotes; empty for none
     * @param without keys to leave out
     */
    static Config golden(String id, String changes, String... without) {
        try {
            ObjectNode config = (ObjectNode) JSON.readTree(
                    GoldenCasesTest.golden(id).resolve("config.json").toFile());
            config.setAll((ObjectNode) JSON.readTree("{" + changes.replace('\'', '"') + "}"));
            config.remove(java.util.List.of(without));
            return new Config("config.json", config);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
