package dev.lockstep.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.testing.Seeds;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegexLanguageTest {

    /** The JDK's own expressions agree on the notation that both have. */
    @Seeds(300)
    void matchesWhatTheJdkMatches(long seed) {
        Random random = new Random(seed);
        String pattern = pattern(random, 3);
        Language language = RegexLanguage.of(pattern);
        Pattern reference = Pattern.compile(pattern);
        for (int i = 0; i < 200; i++) {
            String text = text(random);
            assertThat(language.contains(text))
                    .as("%s on '%s'", pattern, text)
                    .isEqualTo(reference.matcher(text).matches());
        }
    }

    private static String pattern(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 8 : 4);
        return switch (kind) {
            case 0 -> String.valueOf((char) ('a' + random.nextInt(3)));
            case 1 -> new String[] {".", "\\d", "\\w", "\\s", "\\D", "é", "\\.", "日"}[random.nextInt(8)];
            case 2 -> new String[] {"[ab]", "[^ab]", "[a-c1]", "[\\d_]", "[^\\wé]", "[-a]"}[random.nextInt(6)];
            case 3 -> "";
            case 4 -> pattern(random, depth - 1) + pattern(random, depth - 1);
            case 5 -> "(?:" + pattern(random, depth - 1) + "|" + pattern(random, depth - 1) + ")";
            case 6 ->
                "(" + pattern(random, depth - 1) + ")"
                        + new String[] {"*", "+", "?", "{2}", "{1,}", "{0,2}", "*?"}[random.nextInt(7)];
            default -> pattern(random, depth - 1) + "a";
        };
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(5); i > 0; i--) {
            text.append(
                    new String[] {"a", "b", "c", "1", "é", "日", " ", "_", ".", "-", "\n", "😀"}[random.nextInt(12)]);
        }
        return text.toString();
    }

    @Test
    void theWholeTextMatches() {
        Language language = RegexLanguage.of("^(?<year>[0-9]{4})-[0-9]{2}$");

        assertThat(language.contains("1951-03")).isTrue();
        assertThat(language.contains("1951-03-06")).isFalse();
        assertThat(language.contains("951-03")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "(a; at 2 stands its end, expected the ) that ends a group",
                "a); at 1 stands ')', expected a ( before it",
                "*a; at 0 stands '*', expected something to repeat before it; ",
                "(?=a)b; at 2 stands '=', expected (?: or a named group",
                "(?<=a)b; at 2 stands '<', expected (?: or a named group",
                "(a)\\1; at 4 stands '1', expected a known escape: references back",
                "\\bword; at 1 stands 'b', expected a known escape",
                "[z-a]; at 1 stands 'z', expected a range from the lower to the higher character",
                "[abc; at 4 stands its end, expected the ] that ends a class",
                "a{3,2}; expected {m}, {m,} or {m,n} with m at most n",
                "a^b; at 1 stands '^', expected ^ at the beginning",
                "a++; at 2 stands '+', expected one repetition of a part",
                "(a{900000}){900}; more than 200000 states",
                "[^\\s\\S]; no text matches it"
            })
    void whatIsNotSupportedIsNamed(String pattern, String message) {
        assertThatThrownBy(() -> RegexLanguage.of(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message.trim());
    }
}
