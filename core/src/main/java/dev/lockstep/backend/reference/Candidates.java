package dev.lockstep.backend.reference;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.LogitRules;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.IntStream;

/** Selects candidates from whole rows of logits by sorting the vocabulary. */
final class Candidates {

    /**
     * The logits of a step.
     *
     * @param plain before the rules, [rows, vocabulary]
     * @param edited after the rules, [rows, vocabulary]
     */
    record Rows(float[][] plain, float[][] edited) {}

    /** Normalises the rows that request it, then applies the rules. */
    Rows edited(StepOutput.Rows logits, StepInput input) {
        float[][] plain = new float[logits.rows()][];
        float[][] edited = new float[logits.rows()][];
        for (int row = 0; row < plain.length; row++) {
            plain[row] = new float[logits.width()];
            System.arraycopy(logits.values(), row * logits.width(), plain[row], 0, logits.width());
            edited[row] = plain[row].clone();
            if (input.normalised[row]) {
                float mass = (float) Mass.of(plain[row], 1).logSumExp();
                for (int token = 0; token < logits.width(); token++) {
                    edited[row][token] -= mass;
                }
            }
            apply(input.rules, row, edited[row]);
        }
        return new Rows(plain, edited);
    }

    private static void apply(LogitRules rules, int row, float[] logits) {
        for (int entry = rules.from[row]; entry < rules.to[row]; entry++) {
            int token = rules.tokens[entry];
            float y = logits[token] + rules.bias[entry];
            y = y > 0 ? y / rules.penalty[entry] : y * rules.penalty[entry];
            logits[token] = y - rules.offset[entry];
        }
        if (rules.maskOf[row] != LogitRules.NO_MASK) {
            int from = rules.maskOf[row] * rules.maskWords;
            for (int token = 0; token < logits.length; token++) {
                boolean known = token / Integer.SIZE < rules.maskWords;
                boolean allowed =
                        known && (rules.maskBits[from + token / Integer.SIZE] >>> token % Integer.SIZE & 1) == 1;
                logits[token] = allowed ? logits[token] : Float.NEGATIVE_INFINITY;
            }
        }
    }

    StepOutput of(Rows logits, StepInput input) {
        int rows = logits.edited().length;
        int vocabulary = rows == 0 ? 0 : logits.edited()[0].length;
        int wanted = Math.min(Math.max(1, input.candidates), vocabulary);
        int alternatives = input.plain ? Math.min(input.alternatives, vocabulary) : 0;
        StepOutput.Plain plain = input.plain
                ? new StepOutput.Plain(
                        new float[rows * wanted],
                        new float[rows],
                        alternatives,
                        new int[rows * alternatives],
                        new float[rows * alternatives])
                : null;
        StepOutput output = new StepOutput(
                rows,
                wanted,
                new int[rows * wanted],
                new float[rows * wanted],
                new float[rows],
                new float[rows],
                plain,
                Map.of());
        for (int row = 0; row < rows; row++) {
            fill(row, logits, input, output);
        }
        return output;
    }

    private static void fill(int row, Rows logits, StepInput input, StepOutput output) {
        float[] edited = logits.edited()[row];
        int wanted = output.candidates();
        int[] best = best(edited, wanted);
        if (input.gumbelTemperature[row] > 0) {
            best[0] = draw(edited, input, row);
        }
        for (int i = 0; i < wanted; i++) {
            output.tokens()[row * wanted + i] = best[i];
            output.logits()[row * wanted + i] = edited[best[i]];
        }
        Mass mass = Mass.of(edited, input.massTemperature[row]);
        output.logSumExp()[row] = (float) mass.logSumExp();
        output.entropy()[row] = input.entropy[row] ? (float) mass.entropy() : 0;
        if (output.plain() != null) {
            float[] plain = logits.plain()[row];
            for (int i = 0; i < wanted; i++) {
                output.plain().logits()[row * wanted + i] = plain[best[i]];
            }
            output.plain().logSumExp()[row] = (float) Mass.of(plain, 1).logSumExp();
            int[] alternatives = best(plain, output.plain().alternatives());
            for (int i = 0; i < alternatives.length; i++) {
                output.plain().bestTokens()[row * alternatives.length + i] = alternatives[i];
                output.plain().bestLogits()[row * alternatives.length + i] = plain[alternatives[i]];
            }
        }
    }

    /** The tokens with the largest logits, best first; ties go to the lower token. */
    private static int[] best(float[] logits, int count) {
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparing((Integer token) -> -logits[token]))
                .limit(count)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static int draw(float[] logits, StepInput input, int row) {
        long key = CounterNoise.key(input.seeds[row], input.sampleSteps[row]);
        int best = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (int token = 0; token < logits.length; token++) {
            float noisy = CounterNoise.noisy(logits[token], input.gumbelTemperature[row], key, token);
            if (noisy > most) {
                most = noisy;
                best = token;
            }
        }
        return best;
    }
}
