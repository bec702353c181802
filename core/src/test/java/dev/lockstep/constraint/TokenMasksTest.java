package dev.lockstep.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TokenMasksTest {
    private static final int END = 0;
    private static final int SPELLED = 40;

    @Seeds(200)
    void aMaskIsWhatEachTokenAloneWouldSay(long seed) {
        Random random = new Random(seed);
        byte[][] first = tokens(random);
        byte[][] later = random.nextBoolean() ? first : tokens(random);
        Language language = RegexLanguage.of("(a|ab|ba?|[^abc]{1,3}|cc)*b");
        TokenMasks masks = new TokenMasks(language, new TokenTexts(first, later), first.length, new int[] {END});
        int state = masks.start();
        String text = "";
        for (int step = 0; step < 8; step++) {
            byte[][] texts = step == 0 ? first : later;
            List<Integer> allowed = new ArrayList<>();
            for (int token = 0; token < texts.length; token++) {
                boolean expected = token == END ? language.contains(text) : goesOn(language, text, texts[token]);
                boolean found = (masks.allowed(state)[token / 32] >>> token % 32 & 1) == 1;
                assertThat(found).as("token %d after '%s'", token, text).isEqualTo(expected);
                if (found && token != END) {
                    allowed.add(token);
                }
            }
            if (allowed.isEmpty()) {
                return;
            }
            int token = allowed.get(random.nextInt(allowed.size()));
            text += new String(texts[token], StandardCharsets.ISO_8859_1);
            state = masks.next(state, token);
        }
    }

    /** Whether a language has a text that goes on with this; by its own automaton, byte by byte. */
    private static boolean goesOn(Language language, String text, byte[] token) {
        if (token == null || token.length == 0) {
            return false;
        }
        int state = language.start();
        for (byte value :
                (text + new String(token, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1)) {
            state = state == Language.NOWHERE ? state : language.step(state, value & 0xff);
        }
        return state != Language.NOWHERE;
    }

    private static byte[][] tokens(Random random) {
        byte[][] tokens = new byte[SPELLED + 256][];
        tokens[END] = "a".getBytes(StandardCharsets.US_ASCII);
        for (int i = 1; i < SPELLED; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(5); length > 0; length--) {
                text.append("abcd".charAt(random.nextInt(4)));
            }
            tokens[i] = random.nextInt(10) == 0 ? null : text.toString().getBytes(StandardCharsets.US_ASCII);
        }
        // Every byte is a token too, so that none leads to where no other goes on.
        for (int value = 0; value < 256; value++) {
            tokens[SPELLED + value] = new byte[] {(byte) value};
        }
        return tokens;
    }

    @Test
    void noTokenLeadsToWhereNoneGoesOn() {
        byte[][] tokens = {null, {'n', 'o'}, {'n', 'o', 't'}, {'n'}, {'p', 'e'}};
        TokenMasks masks = new TokenMasks(
                Language.ofTexts(List.of("not", "nope")), new TokenTexts(tokens, tokens), 5, new int[] {END});

        assertThat(masks.allowed(masks.start()))
                .as("n leads to o, which no token begins with")
                .containsExactly(0b00110);
    }

    @Test
    void aTextThatNothingCanFollowIsComplete() {
        byte[][] tokens = {null, {'y', 'e', 's'}, {'n', 'o'}, {'p', 'e'}};
        TokenMasks masks = new TokenMasks(
                Language.ofTexts(List.of("yes", "no", "nope")), new TokenTexts(tokens, tokens), 4, new int[] {END});

        assertThat(masks.allowed(masks.start())).containsExactly(0b0110);
        assertThat(masks.complete(masks.next(masks.start(), 1))).isTrue();
        int no = masks.next(masks.start(), 2);
        assertThat(masks.complete(no)).isFalse();
        assertThat(masks.allowed(no)).containsExactly(0b1001);
        assertThat(masks.next(masks.start(), 3)).isEqualTo(TokenMasks.NOWHERE);
    }
}
