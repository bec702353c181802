package dev.lockstep.generate;

import dev.lockstep.backend.LogitRules;
import java.util.Arrays;
import java.util.Map;

/**
 * The changes to a sequence's next logits from the row's options and the sequence's past, in the order of {@link
 * Penalties}. They are written into a step as sparse lists, so that every rank applies them to its part of the
 * vocabulary.
 */
final class TokenRules {
    private final Penalties penalties;
    private final Ending ending;
    private final int[] biasedTokens;
    private final float[] biases;

    /** Each token of the past once, with how often it is in the output; filled where counts matter. */
    private int[] seen = new int[16];

    private int[] counts = new int[16];
    private int distinct;

    private TokenRules(Penalties penalties, Ending ending) {
        this.penalties = penalties;
        this.ending = ending;
        this.biasedTokens = new int[penalties.logitBias().size()];
        this.biases = new float[biasedTokens.length];
        int i = 0;
        for (Map.Entry<Integer, Double> each : penalties.logitBias().entrySet()) {
            biasedTokens[i] = each.getKey();
            biases[i++] = each.getValue().floatValue();
        }
    }

    /** The rules of options; null where they have none. */
    static TokenRules of(GenerationOptions options, Ending ending) {
        boolean none = options.penalties().none() && options.stopping().minNewTokens() == 0;
        return none ? null : new TokenRules(options.penalties(), ending);
    }

    /** Begins (again) with the tokens that a sequence starts from. */
    void start(int[] prompt) {
        distinct = 0;
        if (penalties.repetition() != 1) {
            for (int token : prompt) {
                note(token, 0);
            }
        }
    }

    /** Notes a generated token. */
    void append(int token) {
        if (penalties.counts()) {
            note(token, 1);
        }
    }

    private void note(int token, int count) {
        for (int i = 0; i < distinct; i++) {
            if (seen[i] == token) {
                counts[i] += count;
                return;
            }
        }
        if (distinct == seen.length) {
            seen = Arrays.copyOf(seen, 2 * distinct);
            counts = Arrays.copyOf(counts, 2 * distinct);
        }
        seen[distinct] = token;
        counts[distinct++] = count;
    }

    /**
     * Writes the rules of an output row.
     *
     * @param generated tokens that the sequence has beyond its prompt
     */
    void write(Sequence sequence, int generated, LogitRules rules, int row) {
        for (int i = 0; i < biasedTokens.length; i++) {
            rules.add(row, biasedTokens[i], biases[i], 1, 0);
        }
        for (int i = 0; i < distinct; i++) {
            double offset = counts[i] == 0 ? 0 : penalties.presence() + penalties.frequency() * counts[i];
            rules.add(row, seen[i], 0, (float) penalties.repetition(), (float) offset);
        }
        if (penalties.noRepeatNgram() > 0) {
            banRepeats(sequence, penalties.noRepeatNgram(), rules, row);
        }
        if (ending.tooEarly(generated)) {
            for (int token : ending.tokens()) {
                rules.ban(row, token);
            }
        }
    }

    /** Bans each token that has already followed the current last {@code size - 1} tokens. */
    private static void banRepeats(Sequence sequence, int size, LogitRules rules, int row) {
        int last = sequence.length() - (size - 1);
        for (int start = 0; start < last; start++) {
            int same = 0;
            while (same < size - 1 && sequence.token(start + same) == sequence.token(last + same)) {
                same++;
            }
            if (same == size - 1) {
                rules.ban(row, sequence.token(start + same));
            }
        }
    }
}
