package dev.lockstep.constraint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Random texts of a language. */
final class Walks {
    private static final byte[] CLOSING = "\"]}".getBytes(StandardCharsets.UTF_8);

    private Walks() {}

    /** A text of the language, mostly a short one: the longer it is, the more willingly the walk ends. */
    static String text(Language language, Random random) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int state = language.start();
        while (!language.complete(state) && !(language.accepts(state) && random.nextInt(100) < bytes.size())) {
            int value = value(random, bytes.size());
            int next = language.step(state, value);
            if (next != Language.NOWHERE) {
                bytes.write(value);
                state = next;
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static int value(Random random, int length) {
        if (length > 30 && random.nextInt(4) == 0) {
            return CLOSING[random.nextInt(CLOSING.length)];
        }
        // Printable ASCII is likelier than its share of all bytes.
        return random.nextInt(4) > 0 ? 0x20 + random.nextInt(0x5f) : random.nextInt(256);
    }
}
