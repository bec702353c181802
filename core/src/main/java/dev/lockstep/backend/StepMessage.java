package dev.lockstep.backend;

import dev.lockstep.graph.EntryPoint;
import java.util.Arrays;

/**
 * The message by which the leader sends a {@link StepInput} to the other ranks. It has a header of {@value #HEADER}
 * ints (magic, number, hash, counts), the number of table entries of each cache group, the row count of each further
 * axis, then the valid parts of the arrays one after another. The rest of the message is 0. All ranks must run exactly
 * the same step, so number and hash are checked on arrival.
 */
final class StepMessage {
    private static final int MAGIC = 0x4c53_5401;
    private static final int HEADER = 16;
    private static final int FULL = 1;
    private static final int PLAIN = 2;
    private static final int REPEATED = 4;
    /** The bits of the pooling start above the flags. */
    private static final int POOLING = 3;

    private static final EntryPoint[] ENTRIES = EntryPoint.values();
    private static final Pooling[] POOLINGS = Pooling.values();

    private final StepInput step;
    private int number;
    /** The last message. Usually longer than needed, since tables grow from step to step. */
    private int[] message = new int[0];

    StepMessage(StepInput step) {
        this.step = step;
    }

    int number() {
        return number;
    }

    int[] encode() {
        int groups = step.groups.length;
        long size = size(step.sequences, step.tokens, step.outputRows, step.copyCount, groups, decodes());
        for (StepTables tables : step.groups) {
            size += tables.entries;
        }
        for (AxisRows axis : step.further) {
            size += size(axis);
        }
        LogitRules rules = step.rules;
        size += LogitRules.size(step.outputRows, rules.entries, rules.masks, rules.maskWords);
        size += step.cross.entries;
        if (message.length < size) {
            message = new int[Math.toIntExact(size + size / 2)];
        }
        int[] m = message;
        m[0] = MAGIC;
        m[1] = ++number;
        m[2] = hash();
        m[3] = step.entry.ordinal();
        m[4] = step.sequences;
        m[5] = step.tokens;
        m[6] = step.outputRows;
        m[7] = step.candidates;
        m[8] = flags();
        m[9] = step.copyCount;
        m[10] = groups;
        m[11] = step.cross.entries;
        m[12] = step.alternatives;
        m[13] = rules.entries;
        m[14] = rules.masks;
        m[15] = rules.maskWords;
        int at = HEADER;
        for (StepTables tables : step.groups) {
            m[at++] = tables.entries;
        }
        for (AxisRows axis : step.further) {
            m[at++] = axis.rows;
        }
        for (AxisRows axis : step.further) {
            at = put(axis, m, at);
        }
        at = put(step.tokenIds, step.tokens, m, at);
        at = put(step.positions, step.tokens, m, at);
        at = put(step.tokenTypes, step.tokens, m, at);
        at = put(step.firstKeys, step.tokens, m, at);
        at = put(step.queryOffsets, step.sequences + 1, m, at);
        at = put(step.keyLengths, step.sequences, m, at);
        at = put(step.promptLengths, step.sequences, m, at);
        at = put(step.crossLengths, step.sequences, m, at);
        for (StepTables tables : step.groups) {
            at = put(tables, decodes(), m, at);
        }
        at = put(step.cross, !decodes(), m, at);
        at = put(step.copyFrom, step.copyCount, m, at);
        at = put(step.copyTo, step.copyCount, m, at);
        at = put(step.outputRowIndex, step.outputRows, m, at);
        at = put(step.sampleSteps, step.outputRows, m, at);
        for (int r = 0; r < step.outputRows; r++) {
            m[at++] = Float.floatToRawIntBits(step.gumbelTemperature[r]);
            m[at++] = Float.floatToRawIntBits(step.massTemperature[r]);
            m[at++] = (int) step.seeds[r];
            m[at++] = (int) (step.seeds[r] >>> 32);
            at = put(step.nucleusTemperature[r], m, at);
            at = put(step.topP[r], m, at);
            at = put(step.minP[r], m, at);
            at = put(step.typicalP[r], m, at);
            m[at++] = rowFlags(r);
        }
        at = rules.put(step.outputRows, m, at);
        Arrays.fill(m, at, m.length, 0);
        return m;
    }

    void decode(int[] m) {
        check(m);
        step.entry = ENTRIES[m[3]];
        step.sequences = m[4];
        step.tokens = m[5];
        step.outputRows = m[6];
        step.candidates = m[7];
        step.fullOutputs = (m[8] & FULL) != 0;
        step.plain = (m[8] & PLAIN) != 0;
        step.repeated = (m[8] & REPEATED) != 0;
        step.pooling = POOLINGS[m[8] >> POOLING];
        step.alternatives = m[12];
        step.rules.entries = m[13];
        step.rules.masks = m[14];
        step.rules.maskWords = m[15];
        step.copyCount = m[9];
        step.ensureCopies(m[9]);
        int at = HEADER;
        for (StepTables tables : step.groups) {
            tables.entries = m[at++];
        }
        for (AxisRows axis : step.further) {
            axis.rows = m[at++];
        }
        for (AxisRows axis : step.further) {
            at = take(m, at, axis);
        }
        step.cross.entries = m[11];
        at = take(m, at, step.tokenIds, step.tokens);
        at = take(m, at, step.positions, step.tokens);
        at = take(m, at, step.tokenTypes, step.tokens);
        at = take(m, at, step.firstKeys, step.tokens);
        at = take(m, at, step.queryOffsets, step.sequences + 1);
        at = take(m, at, step.keyLengths, step.sequences);
        at = take(m, at, step.promptLengths, step.sequences);
        at = take(m, at, step.crossLengths, step.sequences);
        for (StepTables tables : step.groups) {
            at = take(m, at, tables, decodes());
        }
        at = take(m, at, step.cross, !decodes());
        at = take(m, at, step.copyFrom, step.copyCount);
        at = take(m, at, step.copyTo, step.copyCount);
        at = take(m, at, step.outputRowIndex, step.outputRows);
        at = take(m, at, step.sampleSteps, step.outputRows);
        for (int r = 0; r < step.outputRows; r++) {
            step.gumbelTemperature[r] = Float.intBitsToFloat(m[at++]);
            step.massTemperature[r] = Float.intBitsToFloat(m[at++]);
            step.seeds[r] = (m[at++] & 0xffff_ffffL) | ((long) m[at++] << 32);
            step.nucleusTemperature[r] = number(m, at);
            step.topP[r] = number(m, at + 2);
            step.minP[r] = number(m, at + 4);
            step.typicalP[r] = number(m, at + 6);
            at += 8;
            int flags = m[at++];
            if ((flags & 3) != flags) {
                throw damaged(m, "a row's flags are " + flags);
            }
            step.entropy[r] = (flags & 1) != 0;
            step.normalised[r] = (flags & 2) != 0;
        }
        step.rules.take(step.outputRows, m, at);
        if (hash() != m[2]) {
            throw damaged(m, "its hash does not fit it");
        }
        number = m[1];
    }

    /** The flags of what is requested beside candidates. */
    private int flags() {
        int flags = (step.fullOutputs ? FULL : 0) | (step.plain ? PLAIN : 0) | (step.repeated ? REPEATED : 0);
        return flags | step.pooling.ordinal() << POOLING;
    }

    private static int put(double value, int[] m, int at) {
        long bits = Double.doubleToRawLongBits(value);
        m[at] = (int) bits;
        m[at + 1] = (int) (bits >>> 32);
        return at + 2;
    }

    private static double number(int[] m, int at) {
        return Double.longBitsToDouble((m[at] & 0xffff_ffffL) | ((long) m[at + 1] << 32));
    }

    private static int mix(int h, double value) {
        long bits = Double.doubleToRawLongBits(value);
        return mix(mix(h, (int) bits), (int) (bits >>> 32));
    }

    private int rowFlags(int row) {
        return (step.entropy[row] ? 1 : 0) | (step.normalised[row] ? 2 : 0);
    }

    private boolean decodes() {
        return step.entry == EntryPoint.DECODE;
    }

    /** Ints of an axis, including its row count. */
    private long size(AxisRows axis) {
        return 1 + 3L * axis.rows + step.sequences + 1;
    }

    private int put(AxisRows axis, int[] m, int from) {
        int at = put(axis.tokenIds, axis.rows, m, from);
        at = put(axis.positions, axis.rows, m, at);
        at = put(axis.tokenTypes, axis.rows, m, at);
        return put(axis.offsets, step.sequences + 1, m, at);
    }

    private int take(int[] m, int from, AxisRows axis) {
        int at = take(m, from, axis.tokenIds, axis.rows);
        at = take(m, at, axis.positions, axis.rows);
        at = take(m, at, axis.tokenTypes, axis.rows);
        return take(m, at, axis.offsets, step.sequences + 1);
    }

    /** @param written whether the step writes its rows to these caches */
    private int put(StepTables tables, boolean written, int[] m, int from) {
        int at = put(tables.starts, step.sequences, m, from);
        at = put(tables.blocks, tables.entries, m, at);
        return written ? put(tables.writeSlots, step.tokens, m, at) : at;
    }

    private int take(int[] m, int from, StepTables tables, boolean written) {
        tables.ensure(tables.entries);
        int at = take(m, from, tables.starts, step.sequences);
        at = take(m, at, tables.blocks, tables.entries);
        return written ? take(m, at, tables.writeSlots, step.tokens) : at;
    }

    private void check(int[] m) {
        if (m.length < HEADER || m[0] != MAGIC) {
            throw new IllegalArgumentException(
                    "the leader's message of " + m.length + " ints is no step: do all ranks run the same version?");
        }
        if (m[1] != number + 1) {
            throw new IllegalArgumentException("the leader sent step " + m[1] + ", expected " + (number + 1)
                    + ": this rank missed or repeated a step");
        }
        boolean counts = m[3] >= 0 && m[3] < ENTRIES.length && m[8] >> POOLING < POOLINGS.length;
        for (int i = 4; i < HEADER; i++) {
            counts &= m[i] >= 0;
        }
        if (!counts) {
            throw damaged(m, "a count is negative, or its entry or a flag unknown");
        }
        fits(m[1], "sequences", m[4], step.keyLengths.length);
        fits(m[1], "tokens", m[5], step.tokenIds.length);
        fits(m[1], "output rows", m[6], step.outputRowIndex.length);
        int axes = step.further.length;
        if (m[10] != step.groups.length || m.length < HEADER + m[10] + axes) {
            throw new IllegalArgumentException("step " + m[1] + " of the leader has tables for " + m[10]
                    + " groups of caches, this rank has " + step.groups.length + ": all ranks need the same model");
        }
        boolean decodes = m[3] == EntryPoint.DECODE.ordinal();
        long size = size(m[4], m[5], m[6], m[9], m[10], decodes) + m[11];
        size += LogitRules.size(m[6], m[13], m[14], m[15]);
        for (int i = HEADER; i < HEADER + m[10]; i++) {
            if (m[i] < 0) {
                throw damaged(m, "a table has " + m[i] + " entries");
            }
            size += m[i];
        }
        for (int i = HEADER + m[10]; i < HEADER + m[10] + axes; i++) {
            fits(m[1], "rows of a further axis", m[i], step.tokenIds.length);
            if (m[i] < 0) {
                throw damaged(m, "a further axis has " + m[i] + " rows");
            }
            size += 1 + 3L * m[i] + m[4] + 1;
        }
        int rest = 0;
        for (int i = (int) Math.min(size, m.length); i < m.length; i++) {
            rest |= m[i];
        }
        if (size > m.length || rest != 0) {
            throw damaged(m, m.length + " ints came, its counts make " + size);
        }
    }

    int hash() {
        int h = mix(0, step.entry.ordinal());
        h = mix(h, step.candidates);
        h = mix(h, flags());
        h = mix(h, step.alternatives);
        h = mix(h, step.tokenIds, step.tokens);
        h = mix(h, step.positions, step.tokens);
        h = mix(h, step.tokenTypes, step.tokens);
        h = mix(h, step.firstKeys, step.tokens);
        h = mix(h, step.queryOffsets, step.sequences + 1);
        h = mix(h, step.keyLengths, step.sequences);
        h = mix(h, step.promptLengths, step.sequences);
        h = mix(h, step.crossLengths, step.sequences);
        for (AxisRows axis : step.further) {
            h = mix(h, axis.tokenIds, axis.rows);
            h = mix(h, axis.positions, axis.rows);
            h = mix(h, axis.tokenTypes, axis.rows);
            h = mix(h, axis.offsets, step.sequences + 1);
        }
        for (StepTables tables : step.groups) {
            h = mix(h, tables, decodes());
        }
        h = mix(h, step.cross, !decodes());
        h = mix(h, step.copyFrom, step.copyCount);
        h = mix(h, step.copyTo, step.copyCount);
        h = mix(h, step.outputRowIndex, step.outputRows);
        h = mix(h, step.sampleSteps, step.outputRows);
        for (int r = 0; r < step.outputRows; r++) {
            h = mix(h, Float.floatToRawIntBits(step.gumbelTemperature[r]));
            h = mix(h, Float.floatToRawIntBits(step.massTemperature[r]));
            h = mix(h, (int) step.seeds[r]);
            h = mix(h, (int) (step.seeds[r] >>> 32));
            h = mix(h, step.nucleusTemperature[r]);
            h = mix(h, step.topP[r]);
            h = mix(h, step.minP[r]);
            h = mix(h, step.typicalP[r]);
            h = mix(h, rowFlags(r));
        }
        return step.rules.mix(step.outputRows, h);
    }

    private int mix(int hash, StepTables tables, boolean written) {
        int h = mix(hash, tables.starts, step.sequences);
        h = mix(h, tables.blocks, tables.entries);
        return written ? mix(h, tables.writeSlots, step.tokens) : h;
    }

    /** Ints of a message, without its table entries. */
    private static long size(int sequences, int tokens, int outputRows, int copies, int groups, boolean decodes) {
        long written = decodes ? groups : 1;
        return HEADER
                + groups
                + (4 + written) * tokens
                + (5L + groups) * sequences
                + 1
                + 2L * copies
                + 15L * outputRows;
    }

    static int put(int[] source, int count, int[] target, int at) {
        System.arraycopy(source, 0, target, at, count);
        return at + count;
    }

    static int take(int[] source, int at, int[] target, int count) {
        System.arraycopy(source, at, target, 0, count);
        return at + count;
    }

    /** Mixes in the count too, so that moving a value from one array to the next changes the hash. */
    static int mix(int h, int[] values, int count) {
        h = mix(h, count);
        for (int i = 0; i < count; i++) {
            h = mix(h, values[i]);
        }
        return h;
    }

    static int mix(int h, int value) {
        h = Integer.rotateLeft(h ^ (value * 0x9e37_79b1), 13) * 0x85eb_ca77;
        return h + 0x27d4_eb2f;
    }

    private static void fits(int number, String what, int found, int most) {
        if (found > most) {
            throw new IllegalArgumentException("step " + number + " of the leader has " + found + " " + what
                    + ", this rank's limit is " + most + ": all ranks need the same limits");
        }
    }

    private static IllegalArgumentException damaged(int[] m, String what) {
        return new IllegalArgumentException("step " + m[1] + " of the leader is damaged: " + what);
    }
}
