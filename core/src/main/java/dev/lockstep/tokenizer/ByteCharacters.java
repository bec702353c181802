package dev.lockstep.tokenizer;

import java.util.Arrays;

/**
 * The characters by which byte-level vocabularies represent bytes: printable Latin-1 represents itself, and the other
 * bytes are represented, in order, by the characters from 256 on (GPT-2, Radford et al. 2019).
 */
final class ByteCharacters {
    private ByteCharacters() {}

    /** The byte of each character; -1 for characters that stand for none. */
    static int[] bytes() {
        int[] bytes = new int[512];
        Arrays.fill(bytes, -1);
        int next = 256;
        for (int value = 0; value < 256; value++) {
            boolean itself = (value > 0x20 && value < 0x7f) || (value > 0xa0 && value != 0xad);
            bytes[itself ? value : next++] = value;
        }
        return bytes;
    }
}
