package dev.lockstep.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FamiliesTest {
    private static final Path README = Path.of("../README.md");
    private static final String BEGIN = "<!-- families: from the registry, by FamiliesTest -->\n";
    private static final String END = "<!-- end of families -->";

    /** Run with {@code -Dlockstep.write=true} to write the table instead of comparing it. */
    @Test
    void theReadmeListsWhatIsRegistered() throws IOException {
        String readme = Files.readString(README);
        int from = readme.indexOf(BEGIN) + BEGIN.length();
        int to = readme.indexOf(END);
        assertThat(to).as("README.md has the marks of the table").isGreaterThanOrEqualTo(from);
        if (Boolean.getBoolean("lockstep.write")) {
            Files.writeString(README, readme.substring(0, from) + Families.table() + readme.substring(to));
            return;
        }
        assertThat(readme.substring(from, to))
                .as(
                        "the table of README.md: write it by ./mvnw -pl core test -Dtest=FamiliesTest -Dlockstep.write=true")
                .isEqualTo(Families.table());
    }
}
