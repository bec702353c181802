package dev.lockstep.backend.cpu.kernel;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.VectorSupport;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.Arrays;

/**
 * The best tokens of each row of this rank's part of the logits, with what ranks exchange to agree on the whole
 * vocabulary's: the row's largest logit and the sum of exp relative to it. One object per rank; not for several
 * threads at once. Results stay valid until the next call.
 */
public final class TopCandidates {

    /** The id of a candidate that is not there, when the rank holds fewer tokens than asked for. */
    public static final int NO_TOKEN = -1;

    /** Up to so many candidates are kept sorted; more in a heap. */
    private static final int FEW = 24;

    private final Workers workers;
    private final RowMath math;
    private final int maxCandidates;
    private final int[] tokens;
    private final float[] values;
    private final float[] maxima;
    private final float[] sums;
    private final float[] moments;
    private final NoisyLogits[] noisy;
    private final Workers.Task bestTask = this::bestShare;
    private final Workers.Task massTask = this::massShare;
    private final Workers.Task drawTask = this::drawShare;
    private Matrix logits;
    private int[] ids;
    private int rows;
    private int width;
    private int candidates;
    private float[] massTemperatures;
    private boolean[] momentRows;
    private float[] temperatures;
    private long[] seeds;
    private int[] steps;

    /**
     * Prepares buffers.
     *
     * @param maxRows most rows of a call
     * @param maxCandidates most candidates of a row
     */
    public TopCandidates(Workers workers, int maxRows, int maxCandidates) {
        this(workers, maxRows, maxCandidates, VectorSupport.AVAILABLE);
    }

    TopCandidates(Workers workers, int maxRows, int maxCandidates, boolean vectors) {
        this.workers = workers;
        this.math = vectors ? RowMath.best() : new ScalarRowMath();
        this.maxCandidates = maxCandidates;
        this.tokens = new int[maxRows * maxCandidates];
        this.values = new float[maxRows * maxCandidates];
        this.maxima = new float[maxRows];
        this.sums = new float[maxRows];
        this.moments = new float[maxRows];
        this.noisy = new NoisyLogits[workers.threads()];
        Arrays.setAll(noisy, worker -> new NoisyLogits(vectors));
    }

    /**
     * Finds the best {@code count} tokens of each row, best first, ties by the lower id, and the row's {@link #max} and
     * {@link #sumExp}.
     *
     * @param rowLogits plain {@code [rowCount, localVocabulary]}
     * @param globalIds the token of each column, ascending
     * @throws IllegalArgumentException when count exceeds what the object was made for
     */
    public void best(Matrix rowLogits, int rowCount, int localVocabulary, int[] globalIds, int count) {
        if (count < 1 || count > maxCandidates || rowCount > maxima.length) {
            throw new IllegalArgumentException("asked for " + count + " candidates of " + rowCount
                    + " rows, made for at most " + maxCandidates + " of " + maxima.length);
        }
        set(rowLogits, rowCount, localVocabulary, globalIds);
        candidates = count;
        workers.run(bestTask, (long) rowCount * localVocabulary);
    }

    /**
     * Takes {@link #sumExp} at the rows' temperatures, and {@link #moment} of the rows that want it. Call after
     * {@link #best}, whose arguments hold.
     */
    public void mass(float[] rowTemperatures, boolean[] wantMoment) {
        massTemperatures = rowTemperatures;
        momentRows = wantMoment;
        boolean plain = true;
        for (int row = 0; row < rows; row++) {
            plain &= rowTemperatures[row] == 1 && !wantMoment[row];
        }
        if (!plain) {
            workers.run(massTask, (long) rows * width);
        }
    }

    /**
     * For each row with a temperature above 0, draws a token from the softmax at that temperature: its first candidate
     * becomes the token with the largest noisy logit (logit / temperature + Gumbel noise keyed by seed, step and
     * token), with its plain logit. Call after {@link #best}, whose arguments hold.
     */
    public void draw(float[] rowTemperatures, long[] rowSeeds, int[] rowSteps) {
        temperatures = rowTemperatures;
        seeds = rowSeeds;
        steps = rowSteps;
        workers.run(drawTask, (long) rows * width);
    }

    private void set(Matrix rowLogits, int rowCount, int localVocabulary, int[] globalIds) {
        if (!rowLogits.isPlain(localVocabulary)) {
            throw new IllegalArgumentException("candidates need contiguous logits, found runs of " + rowLogits.inner());
        }
        logits = rowLogits;
        rows = rowCount;
        width = localVocabulary;
        ids = globalIds;
    }

    /** Most rows of a call. */
    public int maxRows() {
        return maxima.length;
    }

    /** Most candidates of a row. */
    public int maxCandidates() {
        return maxCandidates;
    }

    /** The token of a row's candidate, or {@link #NO_TOKEN}. */
    public int token(int row, int candidate) {
        return tokens[row * candidates + candidate];
    }

    /** The logit of a row's candidate; negative infinity where there is none. */
    public float logit(int row, int candidate) {
        return values[row * candidates + candidate];
    }

    /** The row's largest logit here; negative infinity when the rank holds no token. */
    public float max(int row) {
        return maxima[row];
    }

    /** The sum of exp((logit - {@link #max}) / temperature) over the row's local tokens; at 1 before {@link #mass}. */
    public float sumExp(int row) {
        return sums[row];
    }

    /** With u = (logit - {@link #max}) / temperature, the sum of u exp(u) over the row's local tokens. */
    public float moment(int row) {
        return moments[row];
    }

    private void bestShare(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = (int) ((long) rows * worker / all); row < to; row++) {
            int at = logits.at(row, 0);
            maxima[row] = math.max(logits.slab(), at, width);
            boolean any = maxima[row] > Float.NEGATIVE_INFINITY;
            sums[row] = any ? math.sumExp(maxima[row], logits.slab(), at, width) : 0f;
            select(row, at);
        }
    }

    private void select(int row, int at) {
        int first = row * candidates;
        int held = Math.min(width, candidates);
        for (int i = first + held; i < first + candidates; i++) {
            tokens[i] = NO_TOKEN;
            values[i] = Float.NEGATIVE_INFINITY;
        }
        if (held <= FEW) {
            selectFew(first, held, at);
        } else {
            selectMany(first, held, at);
        }
    }

    /** Keeps the best in order; later columns have higher ids, so only a larger logit displaces one. */
    private void selectFew(int first, int held, int at) {
        int last = first + held - 1;
        int column = 0;
        for (; column < held; column++) {
            insert(first, first + column, ids[column], logits.slab().get(at + column));
        }
        while (column < width) {
            column += math.firstAbove(values[last], logits.slab(), at + column, width - column);
            if (column < width) {
                insert(first, last, ids[column], logits.slab().get(at + column));
                column++;
            }
        }
    }

    private void insert(int first, int last, int token, float value) {
        int i = last;
        for (; i > first && values[i - 1] < value; i--) {
            values[i] = values[i - 1];
            tokens[i] = tokens[i - 1];
        }
        values[i] = value;
        tokens[i] = token;
    }

    /** Keeps the best in a heap with the last of them on top, and sorts it in the end. */
    private void selectMany(int first, int held, int at) {
        for (int column = 0; column < held; column++) {
            tokens[first + column] = ids[column];
            values[first + column] = logits.slab().get(at + column);
        }
        for (int i = held / 2 - 1; i >= 0; i--) {
            sink(first, i, held);
        }
        int column = held;
        while (column < width) {
            column += math.firstAbove(values[first], logits.slab(), at + column, width - column);
            if (column < width) {
                tokens[first] = ids[column];
                values[first] = logits.slab().get(at + column);
                sink(first, 0, held);
                column++;
            }
        }
        for (int end = held - 1; end > 0; end--) {
            swap(first, first + end);
            sink(first, 0, end);
        }
    }

    /** Brings an element of the heap of {@code count} from {@code first} on below those that are behind it. */
    private void sink(int first, int from, int count) {
        int i = from;
        for (int child = 2 * i + 1; child < count; child = 2 * i + 1) {
            if (child + 1 < count && isBehind(first + child + 1, first + child)) {
                child++;
            }
            if (!isBehind(first + child, first + i)) {
                return;
            }
            swap(first + i, first + child);
            i = child;
        }
    }

    /** Whether a candidate comes after another. */
    private boolean isBehind(int one, int other) {
        return values[one] < values[other] || values[one] == values[other] && tokens[one] > tokens[other];
    }

    private void swap(int one, int other) {
        float value = values[one];
        values[one] = values[other];
        values[other] = value;
        int token = tokens[one];
        tokens[one] = tokens[other];
        tokens[other] = token;
    }

    private void massShare(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = (int) ((long) rows * worker / all); row < to; row++) {
            moments[row] = 0;
            if (maxima[row] == Float.NEGATIVE_INFINITY) {
                continue;
            }
            int at = logits.at(row, 0);
            float inverse = 1f / massTemperatures[row];
            if (inverse != 1) {
                sums[row] = math.sumExp(maxima[row], inverse, logits.slab(), at, width);
            }
            if (momentRows[row]) {
                moments[row] = moment(maxima[row], inverse, at);
            }
        }
    }

    private float moment(float max, float inverse, int at) {
        double sum = 0;
        for (int column = 0; column < width; column++) {
            double u = inverse * (logits.slab().get(at + column) - max);
            sum += u == Double.NEGATIVE_INFINITY ? 0 : u * Math.exp(u); // its limit is 0, the product is NaN
        }
        return (float) sum;
    }

    private void drawShare(int worker, int all) {
        int to = (int) ((long) rows * (worker + 1) / all);
        for (int row = (int) ((long) rows * worker / all); row < to; row++) {
            if (temperatures[row] > 0) {
                drawRow(row, noisy[worker]);
            }
        }
    }

    private void drawRow(int row, NoisyLogits source) {
        long key = CounterNoise.key(seeds[row], steps[row]);
        int at = logits.at(row, 0);
        float inverse = 1f / temperatures[row];
        float best = Float.NEGATIVE_INFINITY;
        int winner = -1;
        for (int from = 0; from < width; from += NoisyLogits.CHUNK) {
            int n = Math.min(NoisyLogits.CHUNK, width - from);
            float[] chunk = source.chunk(logits, at, from, n, ids, key, inverse);
            for (int i = 0; i < n; i++) {
                if (chunk[i] > best) {
                    best = chunk[i];
                    winner = from + i;
                }
            }
        }
        tokens[row * candidates] = winner < 0 ? NO_TOKEN : ids[winner];
        values[row * candidates] =
                winner < 0 ? Float.NEGATIVE_INFINITY : logits.slab().get(at + winner);
    }
}
