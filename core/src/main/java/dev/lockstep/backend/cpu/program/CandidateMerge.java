package dev.lockstep.backend.cpu.program;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.kernel.TopCandidates;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * Merges the messages of all ranks into one output. It is the same on every rank, since all read the same bytes in rank
 * order. An output is reused by a later one of the same shape.
 */
final class CandidateMerge {
    private final int parts;
    private final int[] taken;
    private CandidateLayout layout;
    private StepOutput output;
    private ByteBuffer from;
    private StepInput input;

    /** @param parts number of ranks that hold a part of the vocabulary */
    CandidateMerge(int parts) {
        this.parts = parts;
        this.taken = new int[parts];
    }

    /**
     * The output of a step, valid until the next.
     *
     * @param shape of what each rank sent
     * @param sent the ranks' messages, in rank order
     */
    StepOutput output(CandidateLayout shape, ByteBuffer sent, StepInput step) {
        if (!shape.equals(layout)) {
            layout = shape;
            output = empty(shape);
        }
        from = sent;
        input = step;
        fill();
        return output;
    }

    private static StepOutput empty(CandidateLayout shape) {
        int rows = shape.rows();
        int all = rows * shape.candidates();
        int best = rows * shape.alternatives();
        StepOutput.Plain plain = shape.plain()
                ? new StepOutput.Plain(
                        new float[all], new float[rows], shape.alternatives(), new int[best], new float[best])
                : null;
        return new StepOutput(
                rows,
                shape.candidates(),
                new int[all],
                new float[all],
                new float[rows],
                new float[rows],
                plain,
                Map.of());
    }

    private void fill() {
        int rows = layout.rows();
        int wanted = layout.candidates();
        float[] before = layout.plain() ? output.plain().logits() : null;
        for (int row = 0; row < rows; row++) {
            mass(row, output.logSumExp(), output.entropy());
            Arrays.fill(taken, 0);
            for (int candidate = 0; candidate < wanted; candidate++) {
                boolean draw = candidate == 0 && input.gumbelTemperature[row] > 0;
                int best = best(row, wanted, false, draw);
                int at = at(best, row, false);
                taken[best]++;
                int target = row * wanted + candidate;
                output.tokens()[target] = from.getInt(at);
                output.logits()[target] = from.getFloat(at + Float.BYTES);
                if (before != null) {
                    before[target] = from.getFloat(at + 2 * Float.BYTES);
                }
            }
        }
        if (layout.plain()) {
            fillPlain(output.plain());
        }
    }

    private void fillPlain(StepOutput.Plain plain) {
        int rows = layout.rows();
        int count = layout.alternatives();
        for (int row = 0; row < rows; row++) {
            float max = Float.NEGATIVE_INFINITY;
            for (int part = 0; part < parts; part++) {
                max = Math.max(max, from.getFloat(layout.plainHead(part, row)));
            }
            double sum = 0;
            for (int part = 0; part < parts; part++) {
                float mass = from.getFloat(layout.plainHead(part, row) + Float.BYTES);
                sum += mass == 0 ? 0 : mass * Math.exp(from.getFloat(layout.plainHead(part, row)) - max);
            }
            plain.logSumExp()[row] = (float) (max + Math.log(sum));
            Arrays.fill(taken, 0);
            for (int i = 0; i < count; i++) {
                int best = best(row, count, true, false);
                int at = at(best, row, true);
                taken[best]++;
                plain.bestTokens()[row * count + i] = from.getInt(at);
                plain.bestLogits()[row * count + i] = from.getFloat(at + Float.BYTES);
            }
        }
    }

    /** Offset of a part's next candidate, or of its next best token before the rules. */
    private int at(int part, int row, boolean alternative) {
        return alternative
                ? layout.firstAlternative(part, row) + taken[part] * layout.alternativeBytes()
                : layout.firstCandidate(part, row) + taken[part] * layout.candidateBytes();
    }

    private int best(int row, int count, boolean alternative, boolean draw) {
        int best = -1;
        for (int part = 0; part < parts; part++) {
            if (taken[part] < count
                    && (best < 0 || isBetter(row, at(part, row, alternative), at(best, row, alternative), draw))) {
                best = part;
            }
        }
        return best;
    }

    /**
     * Whether one candidate comes before another: by logit or, for a draw, by noisy logit; ties go to the lower token.
     */
    private boolean isBetter(int row, int one, int other, boolean draw) {
        int token = from.getInt(one);
        int otherToken = from.getInt(other);
        if (token == TopCandidates.NO_TOKEN || otherToken == TopCandidates.NO_TOKEN) {
            return token != TopCandidates.NO_TOKEN;
        }
        float value = from.getFloat(one + Float.BYTES);
        float otherValue = from.getFloat(other + Float.BYTES);
        if (draw) {
            float temperature = input.gumbelTemperature[row];
            long key = CounterNoise.key(input.seeds[row], input.sampleSteps[row]);
            value = CounterNoise.noisy(value, temperature, key, token);
            otherValue = CounterNoise.noisy(otherValue, temperature, key, otherToken);
        }
        return value > otherValue || (value == otherValue && token < otherToken);
    }

    /**
     * Computes mass and entropy. With u = (logit - max) / temperature over the whole vocabulary, S the sum of exp(u)
     * and M the sum of u exp(u): the mass is max / temperature + log S, the entropy is log S - M / S.
     */
    private void mass(int row, float[] logSumExp, float[] entropy) {
        float temperature = input.massTemperature[row];
        float max = Float.NEGATIVE_INFINITY;
        for (int part = 0; part < parts; part++) {
            max = Math.max(max, from.getFloat(layout.row(part, row)));
        }
        double sum = 0;
        double moment = 0;
        for (int part = 0; part < parts; part++) {
            int head = layout.row(part, row);
            float mass = from.getFloat(head + Float.BYTES);
            if (mass > 0) {
                double shift = (from.getFloat(head) - max) / temperature;
                double factor = Math.exp(shift);
                sum += mass * factor;
                moment += factor == 0 ? 0 : factor * (from.getFloat(head + 2 * Float.BYTES) + shift * mass);
            }
        }
        logSumExp[row] = (float) (max / temperature + Math.log(sum));
        entropy[row] = input.entropy[row] ? (float) (Math.log(sum) - moment / sum) : 0;
    }
}
