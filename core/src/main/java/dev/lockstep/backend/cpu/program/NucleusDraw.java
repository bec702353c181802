package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.kernel.NucleusScan;
import dev.lockstep.backend.cpu.kernel.TokenOrder;
import dev.lockstep.backend.cpu.kernel.TopCandidates;
import dev.lockstep.backend.cpu.kernel.TypicalOrder;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Draws from the nucleus for rows whose candidates do not contain all of it, without a list of its tokens. A draw is
 * the token with the largest noisy logit. If a draw from a larger set lies in the nucleus, it is also the nucleus's own
 * draw. If not, all tokens ordered after it are outside the nucleus too, and the next draw is made among those before
 * it. A row thus takes 1/topP rounds or fewer on average if topP is near 1. Each round costs two passes over the logits
 * and {@value #BYTES} bytes per rank, whatever the size of the vocabulary.
 */
final class NucleusDraw {
    /**
     * Bytes per row and rank: token, logit and the logit before the rules, in a slot of 16; later the weight takes its
     * place.
     */
    private static final int BYTES = 16;

    /** A logit before the rules. */
    interface Before {
        float logit(int row, int token, float logit);
    }

    private final Mesh mesh;
    private final Workers workers;
    private final NucleusBound bound;
    private final NucleusScan[] scans;
    private final Workers.Items drawItem = this::drawRow;
    private final Workers.Items aheadItem = this::weighRow;
    private ByteBuffer own = ByteBuffer.allocateDirect(0);
    private ByteBuffer all = own;
    private int[] open = new int[0];
    private int[] tokens;
    private float[] logits;
    private float[] plains;
    private float[] bests;
    private TypicalOrder[] typical;
    /** Per row: the weight of all tokens from which the set is taken, those of the vocabulary or of the nucleus. */
    private double[] masses;

    private int[] bounded;
    private int left;

    private Matrix matrix;
    private int width;
    private int[] ids;
    private StepInput input;
    private Before plain;
    private boolean split;

    NucleusDraw(Mesh mesh, Workers workers) {
        this.mesh = mesh;
        this.workers = workers;
        this.bound = new NucleusBound(mesh, workers);
        this.scans = new NucleusScan[workers.threads()];
        Arrays.setAll(scans, i -> new NucleusScan());
    }

    /**
     * Draws for the rows that need it: the draw becomes their first candidate, and {@link StepOutput#drawn} is set. All
     * ranks must call it with equal outputs.
     *
     * @param isSplit whether other ranks hold other tokens
     */
    void draw(
            Matrix local,
            int localWidth,
            int[] held,
            boolean isSplit,
            StepInput step,
            StepOutput output,
            Before before) {
        matrix = local;
        width = localWidth;
        ids = held;
        split = isSplit;
        input = step;
        plain = before;
        begin(output);
        findBounds();
        while (left > 0) {
            workers.run(drawItem, left, (long) left * width);
            share();
            for (int i = 0; i < left; i++) {
                takeBest(i);
            }
            workers.run(aheadItem, left, (long) left * width);
            share();
            int kept = 0;
            for (int i = 0; i < left; i++) {
                int row = open[i];
                if (tokens[row] == TopCandidates.NO_TOKEN) {
                    continue;
                }
                if (limit(row) >= 1 || ahead(i) < limit(row) * masses[row]) {
                    accept(output, row);
                } else {
                    open[kept++] = row;
                }
            }
            left = kept;
        }
    }

    private void begin(StepOutput output) {
        left = 0;
        for (int row = 0; row < output.rows(); row++) {
            output.drawn()[row] = false;
            if (input.nucleusTemperature[row] > 0) {
                makeRoom(output.rows());
                if (!suffices(output, row)) {
                    open[left++] = row;
                    tokens[row] = Integer.MAX_VALUE;
                    logits[row] = Float.NEGATIVE_INFINITY; // all tokens that may be taken go before it
                }
            }
        }
    }

    private void makeRoom(int rows) {
        if (open.length < rows) {
            open = new int[rows];
            tokens = new int[rows];
            logits = new float[rows];
            plains = new float[rows];
            bests = new float[rows];
            masses = new double[rows];
            bounded = new int[rows];
            typical = new TypicalOrder[rows];
            Arrays.setAll(typical, row -> new TypicalOrder());
            own = ByteBuffer.allocateDirect(Math.multiplyExact(rows, BYTES)).order(ByteOrder.nativeOrder());
            all = ByteBuffer.allocateDirect(Math.multiplyExact(own.capacity(), mesh.size()))
                    .order(ByteOrder.nativeOrder());
        }
    }

    /** Whether the candidates contain the whole nucleus, so that no draw is needed here. */
    private boolean suffices(StepOutput output, int row) {
        int count = output.candidates();
        int at = row * count;
        double temperature = input.nucleusTemperature[row];
        float best = output.logits()[at];
        bests[row] = best;
        masses[row] = total(output, row);
        typical[row].set(best, temperature, Math.log(total(output, row)), output.entropy()[row]);
        double last = NucleusScan.weight(output.logits()[at + count - 1], best, temperature);
        if (last == 0 || last < input.minP[row]) {
            return true;
        }
        double mass = 0;
        for (int c = 0; c < count; c++) {
            mass += counts(output, row, c) ? NucleusScan.weight(output.logits()[at + c], best, temperature) : 0;
        }
        double part = isTypicalOfNucleus(row) ? input.topP[row] : limit(row);
        return part < 1 && mass >= part * total(output, row);
    }

    /** For rows whose typical tokens depend on the nucleus, finds the nucleus first. */
    private void findBounds() {
        int count = 0;
        for (int i = 0; i < left; i++) {
            if (isTypicalOfNucleus(open[i])) {
                bounded[count++] = open[i];
            }
        }
        if (count > 0) {
            bound.find(matrix, width, ids, split, input, bounded, count, bests, masses, typical, masses);
        }
    }

    /**
     * Whether all tokens that join the set before a candidate are known. Tokens that are no candidates are less
     * probable.
     */
    private boolean counts(StepOutput output, int row, int candidate) {
        if (!isTypical(row) || isTypicalOfNucleus(row)) {
            return true;
        }
        int at = row * output.candidates();
        double last = typical[row].excess(output.logits()[at + output.candidates() - 1]);
        return Math.abs(typical[row].excess(output.logits()[at + candidate])) < last;
    }

    private boolean isTypical(int row) {
        return input.typicalP[row] < 1;
    }

    private boolean isTypicalOfNucleus(int row) {
        return isTypical(row) && (input.topP[row] < 1 || input.minP[row] > 0);
    }

    private TokenOrder order(int row) {
        return isTypical(row) ? typical[row] : TokenOrder.BY_LOGIT;
    }

    /** The least share of the total mass that the set has. */
    private double limit(int row) {
        return isTypical(row) ? input.typicalP[row] : input.topP[row];
    }

    private double total(StepOutput output, int row) {
        float best = bests[row];
        return Math.exp(output.logSumExp()[row] - best / input.nucleusTemperature[row]);
    }

    private void drawRow(int worker, int i) {
        int row = open[i];
        int column = scans[worker].draw(
                matrix,
                row,
                width,
                ids,
                key(row),
                input.nucleusTemperature[row],
                bests[row],
                input.minP[row],
                order(row),
                logits[row],
                tokens[row]);
        int token = column < 0 ? TopCandidates.NO_TOKEN : ids[column];
        float logit = column < 0 ? Float.NEGATIVE_INFINITY : matrix.get(row, column);
        own.putInt(i * BYTES, token);
        own.putFloat(i * BYTES + 4, logit);
        own.putFloat(i * BYTES + 8, column < 0 || plain == null ? logit : plain.logit(row, token, logit));
    }

    private void weighRow(int worker, int i) {
        int row = open[i];
        boolean none = tokens[row] == TopCandidates.NO_TOKEN || limit(row) >= 1;
        own.putDouble(
                i * BYTES,
                none
                        ? 0
                        : scans[worker].ahead(
                                matrix,
                                row,
                                width,
                                ids,
                                input.nucleusTemperature[row],
                                bests[row],
                                order(row),
                                logits[row],
                                tokens[row]));
    }

    private void share() {
        if (split) {
            mesh.allGather(own, 0, left * BYTES, all, 0);
        }
    }

    private int at(int rank, int i) {
        return (rank * left + i) * BYTES;
    }

    private void takeBest(int i) {
        int row = open[i];
        ByteBuffer from = split ? all : own;
        float temperature = (float) input.nucleusTemperature[row];
        float most = Float.NEGATIVE_INFINITY;
        tokens[row] = TopCandidates.NO_TOKEN;
        for (int rank = 0; rank < (split ? mesh.size() : 1); rank++) {
            int token = from.getInt(at(rank, i));
            float logit = from.getFloat(at(rank, i) + 4);
            if (token == TopCandidates.NO_TOKEN) {
                continue;
            }
            float value = CounterNoise.noisy(logit, temperature, key(row), token);
            if (tokens[row] == TopCandidates.NO_TOKEN
                    || value > most
                    || (value == most && NucleusScan.before(logit, token, logits[row], tokens[row]))) {
                most = value;
                tokens[row] = token;
                logits[row] = logit;
                plains[row] = from.getFloat(at(rank, i) + 8);
            }
        }
    }

    /** Sums in rank order, so that all ranks decide alike. */
    private double ahead(int i) {
        double sum = 0;
        for (int rank = 0; rank < (split ? mesh.size() : 1); rank++) {
            sum += (split ? all : own).getDouble(at(rank, i));
        }
        return sum;
    }

    private void accept(StepOutput output, int row) {
        int first = row * output.candidates();
        output.tokens()[first] = tokens[row];
        output.logits()[first] = logits[row];
        if (output.plain() != null) {
            output.plain().logits()[first] = plains[row];
        }
        output.drawn()[row] = true;
    }

    private long key(int row) {
        return CounterNoise.key(input.seeds[row], input.sampleSteps[row]);
    }
}
