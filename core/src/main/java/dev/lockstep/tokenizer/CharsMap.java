package dev.lockstep.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * SentencePiece's compiled normalisation of characters: the size of a trie in bytes, the trie's units of 32 bits (a
 * double array as darts-clone writes it), and the texts that its values point to, each ended by a zero byte. The
 * tokenizers library reads it unchecked, in native code that ends the whole process on an access out of bounds; so it
 * is checked here.
 */
final class CharsMap {
    private static final int LABELS = 256;
    private static final int LEAF = 1 << 8;
    private static final int WIDE = 1 << 9;

    private final int[] units;
    private final ByteBuffer texts;

    private CharsMap(int[] units, ByteBuffer texts) {
        this.units = units;
        this.texts = texts;
    }

    /** @throws IllegalArgumentException when following it could lead out of it */
    static void check(byte[] map) {
        ByteBuffer bytes = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
        int size = map.length < Integer.BYTES ? -1 : bytes.getInt();
        if (size <= 0 || size % Integer.BYTES != 0 || size > bytes.remaining()) {
            throw damaged("its trie has " + size + " of " + map.length + " bytes");
        }
        int[] units = new int[size / Integer.BYTES];
        for (int i = 0; i < units.length; i++) {
            units[i] = bytes.getInt();
        }
        CharsMap checked = new CharsMap(units, bytes.slice());
        checked.checkTexts();
        for (int i = 0; i < units.length; i++) {
            checked.checkUnit(i);
        }
    }

    private void checkTexts() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(texts.duplicate());
        } catch (CharacterCodingException e) {
            throw damaged("its texts are no UTF-8");
        }
        if (!texts.hasRemaining() || texts.get(texts.limit() - 1) != 0) {
            throw damaged("its last text does not end");
        }
    }

    private void checkUnit(int place) {
        int unit = units[place];
        if (unit < 0 && place > 0) {
            // A value: no label matches it, so no path goes on here.
            return;
        }
        int next = place ^ ((unit >>> 10) << ((unit & WIDE) >>> 6));
        // From here a path goes to any unit of the same 256.
        if (next < 0 || (next | LABELS - 1) >= units.length) {
            throw damaged("unit " + place + " of its trie leads to " + next + " of " + units.length);
        }
        if ((unit & LEAF) != 0) {
            int value = units[next] & Integer.MAX_VALUE;
            if (value >= texts.limit() || (texts.get(value) & 0xc0) == 0x80) {
                throw damaged("unit " + place + " of its trie points to byte " + value + " of " + texts.limit());
            }
        }
    }

    private static IllegalArgumentException damaged(String reason) {
        return new IllegalArgumentException("the normalisation of characters is damaged: " + reason);
    }
}
