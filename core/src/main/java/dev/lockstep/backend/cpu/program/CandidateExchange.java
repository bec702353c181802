package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.kernel.CounterNoise;
import dev.lockstep.backend.cpu.kernel.TopCandidates;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.collective.Mesh;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * Finds each row's best tokens where every rank holds a part of the vocabulary: ranks exchange their best candidates and
 * the mass of their part, never logits, and merge what they got in the same way.
 */
final class CandidateExchange {
    /** Numbers a row sends besides its candidates: largest logit, mass relative to it. */
    private static final int HEAD = 2;

    private final Mesh mesh;
    private final Workers workers;
    private TopCandidates kernel;
    private int kernelRows;
    private int kernelCandidates;
    private ByteBuffer own = ByteBuffer.allocateDirect(0);
    private ByteBuffer all = ByteBuffer.allocateDirect(0);
    private int[] everyToken;

    CandidateExchange(Mesh mesh, Workers workers) {
        this.mesh = mesh;
        this.workers = workers;
    }

    StepOutput exchange(OutputValue logits, StepInput input) {
        int rows = input.outputRows;
        int wanted = Math.min(Math.max(1, input.candidates), logits.width());
        prepare(rows, wanted);
        Matrix local = logits.operand().matrix();
        kernel.best(local, rows, logits.operand().width(), held(logits), wanted);
        if (samples(input, rows)) {
            kernel.draw(input.gumbelTemperature, input.seeds, input.sampleSteps);
        }
        int stride = (HEAD + 2 * wanted) * Float.BYTES;
        for (int row = 0; row < rows; row++) {
            write(row, wanted, row * stride, local, logits.operand().width(), input.massTemperature[row]);
        }
        boolean split = logits.indices() != null;
        if (split) {
            mesh.allGather(own, 0, rows * stride, all, 0);
        }
        return merge(input, rows, wanted, stride, split ? mesh.size() : 1, split ? all : own);
    }

    private int[] held(OutputValue logits) {
        if (logits.indices() != null) {
            return logits.indices()[mesh.rank()];
        }
        if (everyToken == null) {
            everyToken = new int[logits.width()];
            for (int token = 0; token < everyToken.length; token++) {
                everyToken[token] = token;
            }
        }
        return everyToken;
    }

    private void prepare(int rows, int wanted) {
        if (kernel == null || rows > kernelRows || wanted > kernelCandidates) {
            kernelRows = Math.max(kernelRows, Integer.highestOneBit(Math.max(1, 2 * rows - 1)));
            kernelCandidates = Math.max(kernelCandidates, wanted);
            kernel = new TopCandidates(workers, kernelRows, kernelCandidates);
        }
        int bytes = rows * (HEAD + 2 * wanted) * Float.BYTES;
        if (own.capacity() < bytes) {
            own = ByteBuffer.allocateDirect(2 * bytes).order(ByteOrder.nativeOrder());
            all = ByteBuffer.allocateDirect(2 * bytes * mesh.size()).order(ByteOrder.nativeOrder());
        }
    }

    private static boolean samples(StepInput input, int rows) {
        for (int row = 0; row < rows; row++) {
            if (input.gumbelTemperature[row] > 0) {
                return true;
            }
        }
        return false;
    }

    private void write(int row, int wanted, int at, Matrix local, int width, float temperature) {
        float max = kernel.max(row);
        own.putFloat(at, max);
        own.putFloat(
                at + Float.BYTES, temperature == 1 ? kernel.sumExp(row) : mass(local, row, width, max, temperature));
        int next = at + HEAD * Float.BYTES;
        for (int candidate = 0; candidate < wanted; candidate++) {
            own.putInt(next, kernel.token(row, candidate));
            own.putFloat(next + Float.BYTES, kernel.logit(row, candidate));
            next += 2 * Float.BYTES;
        }
    }

    private static float mass(Matrix local, int row, int width, float max, float temperature) {
        double sum = 0;
        int from = local.at(row, 0);
        for (int column = 0; column < width; column++) {
            sum += Math.exp((local.slab().get(from + column) - max) / temperature);
        }
        return (float) sum;
    }

    // ---------------------------------------------------------------- merging

    private static StepOutput merge(StepInput input, int rows, int wanted, int stride, int parts, ByteBuffer from) {
        int[] tokens = new int[rows * wanted];
        float[] values = new float[rows * wanted];
        float[] logSumExp = new float[rows];
        int[] taken = new int[parts];
        for (int row = 0; row < rows; row++) {
            float temperature = input.massTemperature[row];
            logSumExp[row] = logSumExp(from, row * stride, rows * stride, parts, temperature);
            java.util.Arrays.fill(taken, 0);
            for (int candidate = 0; candidate < wanted; candidate++) {
                int best = -1;
                for (int part = 0; part < parts; part++) {
                    if (taken[part] < wanted
                            && isBetter(input, row, candidate, from, rows * stride, row * stride, part, taken, best)) {
                        best = part;
                    }
                }
                int at = at(rows * stride, row * stride, best, taken[best]++);
                tokens[row * wanted + candidate] = from.getInt(at);
                values[row * wanted + candidate] = from.getFloat(at + Float.BYTES);
            }
        }
        return new StepOutput(rows, wanted, tokens, values, logSumExp, Map.of());
    }

    private static int at(int partBytes, int rowBytes, int part, int candidate) {
        return part * partBytes + rowBytes + (HEAD + 2 * candidate) * Float.BYTES;
    }

    /** Whether the part's next candidate goes before that of the best part so far: by logit, ties by the lower token. */
    private static boolean isBetter(
            StepInput input,
            int row,
            int candidate,
            ByteBuffer from,
            int partBytes,
            int rowBytes,
            int part,
            int[] taken,
            int best) {
        int mine = at(partBytes, rowBytes, part, taken[part]);
        int token = from.getInt(mine);
        if (token == TopCandidates.NO_TOKEN || best < 0) {
            return token != TopCandidates.NO_TOKEN || best < 0;
        }
        int theirs = at(partBytes, rowBytes, best, taken[best]);
        int otherToken = from.getInt(theirs);
        if (otherToken == TopCandidates.NO_TOKEN) {
            return true;
        }
        float value = from.getFloat(mine + Float.BYTES);
        float other = from.getFloat(theirs + Float.BYTES);
        float temperature = input.gumbelTemperature[row];
        if (temperature > 0 && candidate == 0) {
            long key = CounterNoise.key(input.seeds[row], input.sampleSteps[row]);
            value = TopCandidates.noisy(value, temperature, key, token);
            other = TopCandidates.noisy(other, temperature, key, otherToken);
        }
        return value > other || (value == other && token < otherToken);
    }

    private static float logSumExp(ByteBuffer from, int rowBytes, int partBytes, int parts, float temperature) {
        float max = Float.NEGATIVE_INFINITY;
        for (int part = 0; part < parts; part++) {
            max = Math.max(max, from.getFloat(part * partBytes + rowBytes));
        }
        double sum = 0;
        for (int part = 0; part < parts; part++) {
            float partMax = from.getFloat(part * partBytes + rowBytes);
            float mass = from.getFloat(part * partBytes + rowBytes + Float.BYTES);
            if (mass > 0) {
                sum += mass * Math.exp((partMax - max) / temperature);
            }
        }
        return (float) (max / temperature + Math.log(sum));
    }
}
