package dev.lockstep.constraint;

import java.util.BitSet;
import java.util.List;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.ByteRunAutomaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;
import org.apache.lucene.util.automaton.UTF32ToUTF8;

/**
 * A set of texts as a deterministic automaton over their UTF-8 bytes. From every state a text of the language can be
 * reached. Immutable.
 */
public final class Language {
    /** The state of what can become no text of the language. */
    static final int NOWHERE = -1;

    private static final int WORK_LIMIT = 2_000_000;

    private final ByteRunAutomaton automaton;
    private final boolean[] complete;

    private Language(ByteRunAutomaton automaton) {
        this.automaton = automaton;
        this.complete = new boolean[automaton.getSize()];
        for (int state = 0; state < complete.length; state++) {
            complete[state] = automaton.isAccept(state) && isEnd(state);
        }
    }

    private boolean isEnd(int state) {
        for (int value = 0; value < 256; value++) {
            if (automaton.step(state, value) != NOWHERE) {
                return false;
            }
        }
        return true;
    }

    /**
     * The language of an automaton over code points.
     *
     * @throws IllegalArgumentException when it has no text, or is too complex
     */
    static Language of(Automaton codePoints) {
        try {
            // The conversion lets over-long forms through: it is made for what is valid already.
            Automaton bytes = Operations.intersection(
                    new UTF32ToUTF8().convert(Operations.removeDeadStates(codePoints)), Utf8.valid());
            Automaton single = Operations.removeDeadStates(Operations.determinize(bytes, WORK_LIMIT));
            if (Operations.isEmpty(single)) {
                throw new IllegalArgumentException("no text matches it");
            }
            return new Language(new ByteRunAutomaton(single, true, WORK_LIMIT));
        } catch (TooComplexToDeterminizeException e) {
            throw new IllegalArgumentException(
                    "it is too complex to be made deterministic: lower its repetitions, lengths or alternatives", e);
        }
    }

    /** These texts and no others. */
    public static Language ofTexts(List<String> texts) {
        return of(Automatons.union(texts.stream().map(Automatons::literal).toList()));
    }

    int start() {
        return 0;
    }

    int states() {
        return complete.length;
    }

    /** The bytes that occur in its texts. */
    BitSet bytes() {
        BitSet bytes = new BitSet(256);
        for (int state = 0; state < states(); state++) {
            for (int value = 0; value < 256; value++) {
                if (step(state, value) != NOWHERE) {
                    bytes.set(value);
                }
            }
        }
        return bytes;
    }

    /** The state after one more byte, from 0 to 255; {@link #NOWHERE} where no text goes on so. */
    int step(int state, int value) {
        return automaton.step(state, value);
    }

    /** Whether what leads to this state is a text of the language. */
    boolean accepts(int state) {
        return automaton.isAccept(state);
    }

    /** Whether it is one that no other goes on from. */
    boolean complete(int state) {
        return complete[state];
    }

    /** Whether a text belongs to the language. */
    public boolean contains(String text) {
        int state = start();
        for (byte value : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            state = step(state, value & 0xff);
            if (state == NOWHERE) {
                return false;
            }
        }
        return accepts(state);
    }
}
