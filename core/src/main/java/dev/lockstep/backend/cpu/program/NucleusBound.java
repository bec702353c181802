package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.cpu.kernel.MassHistogram;
import dev.lockstep.backend.cpu.kernel.NucleusScan;
import dev.lockstep.backend.cpu.kernel.TypicalOrder;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds the last token of the nucleus defined by {@code topP} and {@code minP}, and the nucleus's mass and entropy,
 * from which its typical tokens are determined. The logit at the bound is found byte by byte: each rank sums the mass
 * in {@value MassHistogram#BINS} bins, and the bin in which the sum over ranks reaches the wanted mass is searched
 * next. This takes four passes over the logits and four exchanges, whatever the logits are. If tokens of equal logit
 * lie at the bound, it takes as many again over their ids.
 */
final class NucleusBound {
    private static final int BYTES = MassHistogram.BINS * Double.BYTES;

    private final Mesh mesh;
    private final Workers workers;
    private final Workers.Items histogramItem = this::histogram;
    private final Workers.Items momentItem = this::moment;
    private ByteBuffer own = ByteBuffer.allocateDirect(0);
    private ByteBuffer all = own;

    private Matrix matrix;
    private int width;
    private int[] ids;
    private boolean split;
    private StepInput input;
    private float[] bests;
    private int[] open;
    private int count;
    private int shift;
    private boolean byId;
    /** By number of the open row: bits found so far, mass still wanted, the bound. */
    private int[] prefixes = new int[0];

    private double[] wanted;
    /** The sum of the bin found last. */
    private double[] found;

    private float[] boundLogits;
    private int[] boundTokens;

    NucleusBound(Mesh mesh, Workers workers) {
        this.mesh = mesh;
        this.workers = workers;
    }

    /**
     * Sets the rows' orders to that of the typical tokens of their nuclei. All ranks must call it with equal arguments,
     * except for the logits that they hold.
     *
     * @param rows the rows to process, {@code rowCount} of them
     * @param rowBests the largest logit of each row
     * @param totals the sum of all weights of each row
     * @param orders receive bound, mass and entropy, by row
     * @param masses receives the mass of the nucleus, by row
     */
    void find(
            Matrix local,
            int localWidth,
            int[] held,
            boolean isSplit,
            StepInput step,
            int[] rows,
            int rowCount,
            float[] rowBests,
            double[] totals,
            TypicalOrder[] orders,
            double[] masses) {
        matrix = local;
        width = localWidth;
        ids = held;
        split = isSplit;
        input = step;
        open = rows;
        count = rowCount;
        bests = rowBests;
        makeRoom();
        boolean bounded = false;
        for (int i = 0; i < count; i++) {
            bounded |= step.topP[rows[i]] < 1;
            wanted[i] = step.topP[rows[i]] * totals[rows[i]];
            boundLogits[i] = Float.NEGATIVE_INFINITY;
            boundTokens[i] = Integer.MAX_VALUE;
        }
        if (bounded) {
            findTokens();
        }
        workers.run(momentItem, count, (long) count * width);
        share(2 * Double.BYTES);
        for (int i = 0; i < count; i++) {
            int row = rows[i];
            double mass = sum(i, 0, 2 * Double.BYTES);
            double entropy = Math.log(mass) - sum(i, 1, 2 * Double.BYTES) / mass;
            masses[row] = mass;
            orders[row].set(rowBests[row], step.nucleusTemperature[row], Math.log(mass), entropy);
            orders[row].within(boundLogits[i], boundTokens[i], step.minP[row]);
        }
    }

    private void makeRoom() {
        if (prefixes.length < count) {
            prefixes = new int[count];
            wanted = new double[count];
            found = new double[count];
            boundLogits = new float[count];
            boundTokens = new int[count];
            own = ByteBuffer.allocateDirect(Math.multiplyExact(count, BYTES)).order(ByteOrder.nativeOrder());
            all = ByteBuffer.allocateDirect(Math.multiplyExact(own.capacity(), mesh.size()))
                    .order(ByteOrder.nativeOrder());
        }
    }

    private void findTokens() {
        search(false);
        boolean cut = false;
        for (int i = 0; i < count; i++) {
            cut |= takesPart(i);
        }
        if (!cut) {
            return;
        }
        search(true);
        for (int i = 0; i < count; i++) {
            boundTokens[i] = found[i] > 0 && input.topP[open[i]] < 1 ? prefixes[i] : Integer.MAX_VALUE;
        }
    }

    /** Finds all bits of the prefixes; {@code wanted} becomes what remains of it within the last bin. */
    private void search(boolean ofIds) {
        byId = ofIds;
        Arrays.fill(prefixes, 0, count, 0);
        Arrays.fill(found, 0, count, 0);
        for (shift = Integer.SIZE - MassHistogram.BITS; shift >= 0; shift -= MassHistogram.BITS) {
            workers.run(histogramItem, count, (long) count * width);
            share(BYTES);
            for (int i = 0; i < count; i++) {
                descend(i);
            }
        }
    }

    private void histogram(int worker, int i) {
        int row = open[i];
        if (byId) {
            MassHistogram.counts(matrix, row, width, ids, shift, prefixes[i], boundLogits[i], own, i * BYTES);
        } else {
            double temperature = input.nucleusTemperature[row];
            MassHistogram.masses(matrix, row, width, shift, prefixes[i], bests[row], temperature, own, i * BYTES);
        }
    }

    /** Selects the bin in which the sum reaches the wanted mass, or the last non-empty one if none does. */
    private void descend(int i) {
        double before = 0;
        int bin = 0;
        double beforeBin = 0;
        for (int next = 0; next < MassHistogram.BINS; next++) {
            double sum = sum(i, next, BYTES);
            if (sum > 0) {
                bin = next;
                beforeBin = before;
                found[i] = sum;
                before += sum;
                if (before >= wanted[i]) {
                    break;
                }
            }
        }
        prefixes[i] = prefixes[i] << MassHistogram.BITS | bin;
        wanted[i] -= beforeBin;
    }

    /** Records the logit at the bound and how many tokens with it are inside; returns whether others are outside. */
    private boolean takesPart(int i) {
        int row = open[i];
        if (input.topP[row] >= 1) {
            wanted[i] = Double.MAX_VALUE;
            return false;
        }
        boundLogits[i] = MassHistogram.logit(prefixes[i]);
        double weight = NucleusScan.weight(boundLogits[i], bests[row], input.nucleusTemperature[row]);
        wanted[i] = Math.max(1, Math.ceil(wanted[i] / weight));
        return wanted[i] < Math.rint(found[i] / weight);
    }

    /** The mass of this rank's tokens within the bound, and the sum of weight times its logarithm. */
    private void moment(int worker, int i) {
        int row = open[i];
        double temperature = input.nucleusTemperature[row];
        int from = matrix.at(row, 0);
        double mass = 0;
        double moment = 0;
        for (int column = 0; column < width; column++) {
            float logit = matrix.slab().get(from + column);
            boolean behind = NucleusScan.before(boundLogits[i], boundTokens[i], logit, ids[column]);
            double weight = behind ? 0 : NucleusScan.weight(logit, bests[row], temperature);
            if (weight > 0 && (weight >= input.minP[row] || logit == bests[row])) {
                mass += weight;
                moment += weight * ((logit - bests[row]) / temperature);
            }
        }
        own.putDouble(i * 2 * Double.BYTES, mass);
        own.putDouble(i * 2 * Double.BYTES + Double.BYTES, moment);
    }

    private void share(int bytes) {
        if (split) {
            mesh.allGather(own, 0, count * bytes, all, 0);
        }
    }

    /** Sums in rank order, so that all ranks get the same result. */
    private double sum(int i, int number, int bytes) {
        if (!split) {
            return own.getDouble(i * bytes + number * Double.BYTES);
        }
        double sum = 0;
        for (int rank = 0; rank < mesh.size(); rank++) {
            sum += all.getDouble((rank * count + i) * bytes + number * Double.BYTES);
        }
        return sum;
    }
}
