package dev.lockstep.backend;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Op;
import java.util.Arrays;

/**
 * Everything a rank must know to run one step. An entry point runs an ordered list of row axes. The rows of the first
 * are in the fields here, those of the others in {@link #further}, in the model's order. Rows of all sequences are
 * stored flat, without padding: sequence {@code s} has the query rows {@code [queryOffsets[s], queryOffsets[s + 1])}.
 * The arrays are allocated once and never replaced, except those of tables and copies, which grow. Only the leading
 * parts given by the counts are valid. The caches of self-attention are in {@link #groups}, one for each of
 * {@link Limits#groups}, those of cross-attention in {@link #cross}. All take blocks from one pool.
 *
 * <p>In a {@code DECODE} step, the query rows of a sequence are its last positions: of {@code n} query rows, row
 * {@code i} has position {@code keyLengths - n + i} and sees the keys up to that position.
 *
 * <p>A {@code DECODE} step writes to the slots of {@link #groups}, an {@code ENCODE} step to those of {@link #cross}.
 * An {@code ENCODE} step attends over its own rows: it has no entries in {@link #groups}, and {@code keyLengths} equals
 * the number of rows. With an encoder-decoder, {@link #cross} and {@link #crossLengths} name the blocks that the
 * sequence's later {@code DECODE} steps will read. With an encoder alone, nothing is written.
 *
 * <p>A step can be repeated with more {@link #candidates}: then {@link #repeated} is set and nothing else is changed.
 */
public final class StepInput {

    /** The entry point of the model that the step runs. */
    public EntryPoint entry = EntryPoint.DECODE;

    public int sequences;
    public int tokens;
    public final int[] tokenIds;
    public final int[] positions;
    public final int[] tokenTypes;
    public final int[] queryOffsets;
    /** The rows of the entry point's other axes; their number is {@link Limits#furtherAxes}. */
    public final AxisRows[] further;
    /** Per sequence: the number of keys it attends over, including those of this step. */
    public final int[] keyLengths;

    /**
     * Per sequence: the tokens of its prompt, whether run already or not. Rotary angles that depend on a length use it.
     */
    public final int[] promptLengths;
    /** Per row: the first key it may see. Above 0 only where a token hides all keys before it, else 0. */
    public final int[] firstKeys;

    public final StepTables[] groups;
    public final StepTables cross;
    /** Per sequence: the encoder positions that its cross-attention reads; 0 without cross-attention. */
    public final int[] crossLengths;
    /**
     * The number of block copies. Whole blocks are copied before anything else, in the caches of all layers:
     * {@code copyFrom[i]} to {@code copyTo[i]}. No block is both a source and a target, and all targets differ, so
     * copies may run in any order.
     */
    public int copyCount;

    public int[] copyFrom;
    public int[] copyTo;
    /**
     * The number of rows whose outputs are requested. The array of their query rows is in non-descending order. A row
     * may occur several times, to be sampled in several ways.
     */
    public int outputRows;

    public final int[] outputRowIndex;
    /** How many of the best tokens to return per output row; at most the vocabulary. */
    public int candidates;
    /**
     * Per output row: 0 for the best tokens. Above 0 for unrestricted sampling at that temperature: the first candidate
     * is then the row's draw, by Gumbel noise that depends on seed, step and token alone. The other candidates are
     * meaningless then.
     */
    public final float[] gumbelTemperature;
    /**
     * Per output row: above 0 for a draw at that temperature from the nucleus defined by {@link #topP} and
     * {@link #minP}. If the candidates do not contain the whole nucleus, the first candidate becomes the draw,
     * {@link StepOutput#drawn} is true, and the other candidates are meaningless. {@link #massTemperature} must be the
     * same temperature.
     */
    public final double[] nucleusTemperature;
    /** Per output row with a nucleus: the nucleus is the best tokens up to this share of the mass; 1 for all. */
    public final double[] topP;
    /**
     * Per output row with a nucleus: leaves out tokens whose probability is less than this fraction of the best
     * token's.
     */
    public final double[] minP;
    /**
     * Per output row: keeps the tokens whose surprise is nearest to the entropy, up to this share of the mass; 1 for no
     * such restriction. Entropy and mass are those of the tokens left by {@link #topP} and {@link #minP}. If these
     * leave all tokens, {@link #entropy} must be requested.
     */
    public final double[] typicalP;
    /**
     * Per output row: logits are divided by this before {@link StepOutput#logSumExp} is taken; 1 leaves them as they
     * are.
     */
    public final float[] massTemperature;
    /** Per output row: whether {@link StepOutput#entropy} is requested. */
    public final boolean[] entropy;

    /**
     * Per output row: whether logits are turned into log-probabilities before the rules, by subtracting the logarithm
     * of the sum of exponentials over the vocabulary. The rules then change the log-probabilities, and the candidates'
     * logits are the changed log-probabilities.
     */
    public final boolean[] normalised;

    public final long[] seeds;
    public final int[] sampleSteps;
    /** Changes to the output rows' logits, made before tokens are selected. */
    public final LogitRules rules;
    /** Whether {@link StepOutput#plain} is requested: the model's logits before the rules. */
    public boolean plain;
    /** How many of the best tokens before the rules {@link StepOutput#plain} returns per output row. */
    public int alternatives;
    /**
     * Whether this is the previous step again with more {@link #candidates}. Its logits, changed by the rules, are
     * still in memory; only the selection from them is computed again.
     */
    public boolean repeated;
    /**
     * Whether to return whole outputs instead of candidates, for verification and encoders. A {@code DECODE} step
     * returns the logits of the output rows. An {@code ENCODE} step, which names no output rows, returns all outputs.
     */
    public boolean fullOutputs;
    /**
     * How an {@code ENCODE} step pools its hidden states into {@link StepOutput#EMBEDDING}, which is then its only
     * output. {@link Pooling#NONE} in all other steps.
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

    /** Empties the step; keeps the arrays. */
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

    /** Resets an output row's sampling settings to the best token without sampling. */
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

    /** Ends the current sequence on all further axes; to be called before the sequence is counted. */
    public void endFurther() {
        for (AxisRows axis : further) {
            axis.offsets[sequences + 1] = axis.rows;
        }
    }

    /** The indices that a look-up along the first axis reads from this source, [tokens]. */
    public int[] indices(Op.IndexSource source) {
        return switch (source) {
            case TOKENS -> tokenIds;
            case POSITIONS -> positions;
            case TOKEN_TYPES -> tokenTypes;
        };
    }

    /** Resets an output row's nucleus settings to no nucleus. */
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
     * Encodes the whole step as a message for the group's other ranks. It has a number, one more than the previous
     * message, and a hash of the content. The array may be reused by the next message.
     */
    public int[] encode() {
        return message.encode();
    }

    /**
     * Reads a step from a message into this object.
     *
     * @throws IllegalArgumentException when the message is no step, damaged, not the successor of the last one decoded,
     *     or larger than this input's limits
     */
    public void decode(int[] encoded) {
        message.decode(encoded);
    }

    /** A hash of the content; equal steps have equal hashes, whatever their numbers. */
    public int hash() {
        return message.hash();
    }

    /** The number of the last step encoded or decoded; 0 before the first. */
    public int number() {
        return message.number();
    }
}
