package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testing.Seeds;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopTextTest {
    /** Byte-level: characters beyond ASCII are several tokens. */
    private static final TextTokenizer TOKENIZER = TextTokenizer.open(Path.of("src/test/resources/demo/dates-t5"));

    @Seeds(200)
    void piecesMakeUpTheText(long seed) {
        Random random = new Random(seed);
        StringBuilder any = new StringBuilder();
        for (int i = random.nextInt(31); i > 0; i--) {
            // Of one, two, three and four bytes.
            int[] ranges = {0x80, 0x800, 0x10000, 0x110000};
            int character = random.nextInt(ranges[random.nextInt(4)]);
            any.appendCodePoint(character >= 0xD800 && character < 0xE000 ? '?' : character);
        }
        String text = "März 日本\uD83D\uDE00" + any.toString().replace('\uFFFD', '?') + ".";
        IncrementalText incremental = new IncrementalText(TOKENIZER);
        StringBuilder pieces = new StringBuilder();
        for (int token : tokens(text)) {
            String piece = incremental.append(token);
            assertThat(piece).doesNotContain("\uFFFD");
            pieces.append(piece);
        }
        assertThat(pieces.toString()).isEqualTo(text);
    }

    @Test
    void theTextEndsBeforeTheEarliestStop() {
        assertThat(run("1951-03-06 and more", "more", " and")).isEqualTo("1951-03-06");
    }

    @Test
    void aStopMayLieAcrossTokensAndBytes() {
        assertThat(run("12 März 日本語", "日本")).isEqualTo("12 März ");
        assertThat(run("121212123", "123")).isEqualTo("121212");
    }

    @Test
    void withoutStopThereIsNone() {
        assertThat(run("1951-03-06", "07")).isNull();
    }

    @Test
    void finishedTextsAreCutToo() {
        assertThat(StopText.cut("one\ntwo", List.of("two", "\n"), 0)).isEqualTo("one");
        assertThat(StopText.cut("one", List.of("two"), 0)).isEqualTo("one");
    }

    @Test
    void stopsThatEndTooEarlyDoNotCount() {
        StopText stop = new StopText(List.of("12"), TOKENIZER);
        int[] tokens = tokens("12 12 12");
        int early = tokens("12 12").length - 1;
        for (int i = 0; i < tokens.length && !stop.append(tokens[i], i >= early); i++) {}

        String text = stop.text();
        assertThat(text).isEqualTo("12 ");
        assertThat(StopText.cut("12 12 12", List.of("12"), 2)).isEqualTo("12 ");
        assertThat(StopText.cut("12 12 12", List.of("12"), 5)).isEqualTo("12 12 ");
    }

    private static String run(String text, String... stops) {
        StopText stop = new StopText(List.of(stops), TOKENIZER);
        for (int token : tokens(text)) {
            if (stop.append(token, true)) {
                break;
            }
        }
        return stop.text();
    }

    private static int[] tokens(String text) {
        int[] tokens = TOKENIZER.encode(text);
        return Arrays.copyOf(tokens, tokens.length - 1);
    }
}
