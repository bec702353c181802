package dev.lockstep.backend;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Op;
import java.util.Arrays;

/**
 * Everything a rank must know to run one step. What an entry point runs is an ordered list of row axes: the rows of the first
 * are in the fields here, those of others in {@link #further}, in the model's order. Rows of all sequences lie flat, without padding: sequence {@code s} has
 * the query rows {@code [queryOffsets[s], queryOffsets[s + 1])}. Arrays keep their addresses for the life of the
 * object, but for the tables and copies, which grow; only the leading parts that the counts name are meaningful. The
 * caches of self-attention are in {@link #groups}, one for each of {@link Limits#groups}, those of cross-attention in
 * {@link #cross}; all take blocks from one pool.
 *
 * <p>A {@code DECODE} step's sequences end at their keys' end: of {@code n} query rows of a sequence, row {@code i} has
 * position {@code keyLengths - n + i} and sees the keys up to that position.
 *
 * <p>A {@code DECODE} step writes to the slots of {@link #groups}, an {@code ENCODE} step to those of {@link #cross}. An
 * {@code ENCODE} step attends over its own rows, has nothing in {@link #groups} and {@code keyLengths} equal to the rows.
 * With an encoder-decoder, {@link #cross} and {@link #crossLengths} name the same blocks as the sequence's later steps
 * will; with an encoder alone nothing is written.
 *
 * <p>A step can be repeated with more {@link #candidates}: then {@link #repeated} is set and nothing else is changed.
 */
public final class StepInput {

    /** What of the model the step runs. */
    public EntryPoint entry = EntryPoint.DECODE;

    public int sequences;
    public int tokens;
    public final int[] tokenIds;
    public final int[] positions;
    public final int[] tokenTypes;
    public final int[] queryOffsets;
    /** The rows of the entry point's further axes; as many as {@link Limits#furtherAxes}. */
    public final AxisRows[] further;
    /** Keys each sequence attends over, those of this step included. */
    public final int[] keyLengths;

    /** Tokens of each sequence's prompt, run already or not: what angles that depend on a length are made for. */
    public final int[] promptLengths;
    /** The first key each row may see where a token hides those before it; else 0. */
    public final int[] firstKeys;

    public final StepTables[] groups;
    public final StepTables cross;
    /** Encoder positions each sequence's cross-attention reads; 0 where there is none. */
    public final int[] crossLengths;
    /**
     * Whole blocks copied before anything else, in every layer's cache: {@code copyFrom[i]} to {@code copyTo[i]}. No
     * block is both a source and a target, and targets differ: copies may run in any order.
     */
    public int copyCount;

    public int[] copyFrom;
    public int[] copyTo;
    /**
     * How many rows' outputs are asked for, and which query rows they are, never descending: a row may be asked for
     * several times, to be sampled in several ways.
     */
    public int outputRows;

    public final int[] outputRowIndex;
    /** How many of the best tokens to return for every output row, at most the vocabulary. */
    public int candidates;
    /**
     * Per output row: 0 for the best tokens; above 0 for unrestricted sampling at that temperature, in which case
     * the first candidate is the row's draw by Gumbel noise that depends on seed, step and token alone; the others do not
     * matter.
     */
    public final float[] gumbelTemperature;
    /**
     * Per output row: above 0 for a draw at that temperature from the nucleus that {@link #topP} and {@link #minP} leave.
     * Where the candidates do not hold all of it, the first becomes the draw and {@link StepOutput#drawn} says so; the
     * others do not matter then. {@link #massTemperature} is the same temperature.
     */
    public final double[] nucleusTemperature;
    /** Per output row with a nucleus: the best tokens up to this share of the mass are left; 1 for all. */
    public final double[] topP;
    /** Per output row with a nucleus: tokens whose probability is a smaller fraction of the best one's are left out. */
    public final double[] minP;
    /**
     * Per output row: the set is that of the tokens whose surprise is nearest to the entropy, whose mass is this part of all;
     * 1 for no such restriction. Entropy and mass are those of the tokens that {@link #topP} and {@link #minP} leave; where
     * these leave all, {@link #entropy} is asked for.
     */
    public final double[] typicalP;
    /** Per output row: logits are divided by this before {@link StepOutput#logSumExp} is taken; 1 for the plain one. */
    public final float[] massTemperature;
    /** Per output row: whether {@link StepOutput#entropy} is asked for. */
    public final boolean[] entropy;

    /**
     * Per output row: whether its logits are made log-probabilities, logit minus the logarithm of the sum over the
     * vocabulary, before the rules: then the rules change those, and candidates' logits are what the rules made of them.
     */
    public final boolean[] normalised;

    public final long[] seeds;
    public final int[] sampleSteps;
    /** What is changed in the output rows' logits before anything is taken from them. */
    public final LogitRules rules;
    /** Whether {@link StepOutput#plain} is asked for: what the model says, before the rules. */
    public boolean plain;
    /** How many of the best tokens before the rules to return with it for every output row. */
    public int alternatives;
    /**
     * Whether this is the last step once more with more {@link #candidates}: its logits, changed by the rules, are where
     * they were left, and only what is taken from them is computed anew.
     */
    public boolean repeated;
    /**
     * Whether whole outputs are to be returned (verification, encoders) instead of candidates: of a {@code DECODE} step
     * the logits of the output rows, of an {@code ENCODE} step (which names no output rows) all there is.
     */
    public boolean fullOutputs;
    /**
     * How an {@code ENCODE} step's hidden states are pooled to {@link StepOutput#EMBEDDING}, which is then all it yields;
     * {@link Pooling#NONE} in all other steps.
     */
    public Pooling pooling = Pooling.NONE;

    private final StepMessage message = new StepMessage(this);

    public StepInput(Limits limits) {
        this.tokenIds = new int[limits.maxTokens()];
        this.positions = new int[limits.maxTokens()];
        this.tokenTypes = new int[limits.maxTokens()];
        this.groups = new StepTables[limits.groups().size()];
        for (int group = 0; group < groups.length; group++) {
            groups[group] = new StepTables(limits);
        }
        this.cross = new StepTables(limits);
        this.further = new AxisRows[limits.furtherAxes()];
        Arrays.setAll(further, any -> new AxisRows(limits));
        this.queryOffsets = new int[limits.maxSequences() + 1];
        this.keyLengths = new int[limits.maxSequences()];
        this.promptLengths = new int[limits.maxSequences()];
        this.firstKeys = new int[limits.maxTokens()];
        this.crossLengths = new int[limits.maxSequences()];
        this.copyFrom = new int[8];
        this.copyTo = new int[8];
        this.outputRowIndex = new int[limits.maxOutputRows()];
        this.gumbelTemperature = new float[limits.maxOutputRows()];
        this.nucleusTemperature = new double[limits.maxOutputRows()];
        this.topP = new double[limits.maxOutputRows()];
        this.minP = new double[limits.maxOutputRows()];
        this.typicalP = new double[limits.maxOutputRows()];
        this.massTemperature = new float[limits.maxOutputRows()];
        this.entropy = new boolean[limits.maxOutputRows()];
        this.normalised = new boolean[limits.maxOutputRows()];
        this.rules = new LogitRules(limits.maxOutputRows());
        this.seeds = new long[limits.maxOutputRows()];
        this.sampleSteps = new int[limits.maxOutputRows()];
    }

    /** Empties the step, keeping the arrays. */
    public void clear() {
        sequences = 0;
        tokens = 0;
        copyCount = 0;
        outputRows = 0;
        candidates = 1;
        fullOutputs = false;
        plain = false;
        alternatives = 0;
        repeated = false;
        rules.clear();
        pooling = Pooling.NONE;
        queryOffsets[0] = 0;
        for (AxisRows axis : further) {
            axis.clear();
        }
        for (StepTables tables : groups) {
            tables.clear();
        }
        cross.clear();
    }

    /** Makes an output row's sampling record that of the plain best token. */
    public void best(int row) {
        gumbelTemperature[row] = 0;
        whole(row);
        massTemperature[row] = 1;
        entropy[row] = false;
        normalised[row] = false;
        seeds[row] = 0;
        sampleSteps[row] = 0;
        rules.begin(row);
    }

    /** Ends the sequence that is being written on all further axes, before it is counted. */
    public void endFurther() {
        for (AxisRows axis : further) {
            axis.offsets[sequences + 1] = axis.rows;
        }
    }

    /** What a look-up along the first axis is indexed by, [tokens]. */
    public int[] indices(Op.IndexSource source) {
        return switch (source) {
            case TOKENS -> tokenIds;
            case POSITIONS -> positions;
            case TOKEN_TYPES -> tokenTypes;
        };
    }

    /** Makes an output row one without a nucleus. */
    public void whole(int row) {
        nucleusTemperature[row] = 0;
        topP[row] = 1;
        minP[row] = 0;
        typicalP[row] = 1;
    }

    /** Adds a block copy. */
    public void copy(int from, int to) {
        ensureCopies(copyCount + 1);
        copyFrom[copyCount] = from;
        copyTo[copyCount++] = to;
    }

    void ensureCopies(int count) {
        if (copyFrom.length < count) {
            int length = Math.max(count, copyFrom.length * 2);
            copyFrom = Arrays.copyOf(copyFrom, length);
            copyTo = Arrays.copyOf(copyTo, length);
        }
    }

    /**
     * The whole step as a message of its own, for the group's other ranks: numbered, one more than the last, and with a
     * hash of the content. The next message may take its place.
     */
    public int[] encode() {
        return message.encode();
    }

    /**
     * Takes over the step of a message.
     *
     * @throws IllegalArgumentException when it is no step, damaged, not the successor of the last one decoded, or larger
     *     than this input's limits
     */
    public void decode(int[] encoded) {
        message.decode(encoded);
    }

    /** A hash of the content; equal for equal steps, whatever their numbers. */
    public int hash() {
        return message.hash();
    }

    /** The number of the last step encoded or decoded; 0 before the first. */
    public int number() {
        return message.number();
    }
}
