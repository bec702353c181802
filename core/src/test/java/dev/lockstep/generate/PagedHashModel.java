package dev.lockstep.generate;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.LogitRules;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.StepOutput.Rows;
import dev.lockstep.backend.StepTables;
import dev.lockstep.graph.EntryPoint;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Runs a {@link HashModel} the way a machine would: keys go to the write slots of a simulated pool, and are read back
 * through the block tables. Checks what every step must keep to. Each step also travels through its message form.
 */
final class PagedHashModel implements StepRunner {
    private final HashModel model;
    private final Limits limits;
    private final StepInput sent;
    private final StepInput step;
    private final long[] pool;
    /** The last step's logits of each output row, before and after the rules. */
    private float[][] plain;

    private float[][] logits;
    int steps;
    int mostTokens;
    long tokens;
    /** Most blocks that the rows of one step held, those they shared counted once. */
    int mostBlocks;

    PagedHashModel(HashModel model, Limits limits) {
        check(model.groups.equals(limits.groups()), "limits are for other groups of caches");
        this.model = model;
        this.limits = limits;
        this.sent = new StepInput(limits);
        this.step = new StepInput(limits);
        this.pool = new long[limits.blocks() * limits.blockSize()];
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public StepInput input() {
        return sent;
    }

    @Override
    public StepOutput run() {
        step.decode(sent.encode());
        steps++;
        tokens += step.tokens;
        if (step.repeated) {
            return candidates();
        }
        mostTokens = Math.max(mostTokens, step.tokens);
        copyBlocks();
        return step.entry == EntryPoint.ENCODE ? encode() : decode();
    }

    private void copyBlocks() {
        Set<Integer> sources = new HashSet<>();
        Set<Integer> targets = new HashSet<>();
        int size = limits.blockSize();
        for (int c = 0; c < step.copyCount; c++) {
            sources.add(step.copyFrom[c]);
            check(targets.add(step.copyTo[c]), "block " + step.copyTo[c] + " is a target twice");
            System.arraycopy(pool, step.copyFrom[c] * size, pool, step.copyTo[c] * size, size);
        }
        sources.retainAll(targets);
        check(sources.isEmpty(), "blocks are source and target: " + sources);
    }

    private StepOutput encode() {
        check(step.outputRows == 0, "an encoder step asks for output rows");
        float[] states = new float[step.tokens * 2];
        for (int s = 0; s < step.sequences; s++) {
            int first = step.queryOffsets[s];
            int[] source = Arrays.copyOfRange(step.tokenIds, first, step.queryOffsets[s + 1]);
            for (int i = 0; i < source.length; i++) {
                check(step.positions[first + i] == i, "an encoder position is off");
                long key = HashModel.crossKey(source, i);
                states[2 * (first + i)] = (key >>> 40) * 0x1p-24f;
                states[2 * (first + i) + 1] = step.tokenTypes[first + i];
                int slot = step.cross.writeSlots[first + i];
                if (step.crossLengths[s] > 0) {
                    check(slot == slot(step.cross, s, i), "a cross slot is off");
                    pool[slot] = key;
                } else {
                    check(slot == -1, "an encoder without cross cache writes to " + slot);
                }
            }
        }
        Map<String, Rows> full = new LinkedHashMap<>();
        if (step.fullOutputs) {
            full.put(StepOutput.ENCODER, new Rows(step.tokens, 2, states));
            float[] pooled = new float[step.sequences];
            for (int s = 0; s < step.sequences; s++) {
                pooled[s] = states[2 * step.queryOffsets[s]];
            }
            full.put("pooled", new Rows(step.sequences, 1, pooled));
        }
        return StepOutput.whole(0, full);
    }

    private StepOutput decode() {
        checkHolders();
        writeKeys();
        logits = new float[step.outputRows][];
        int sequence = 0;
        for (int r = 0; r < step.outputRows; r++) {
            int row = step.outputRowIndex[r];
            check(r == 0 || row >= step.outputRowIndex[r - 1], "output rows descend");
            while (step.queryOffsets[sequence + 1] <= row) {
                sequence++;
            }
            logits[r] = model.logits(read(sequence, step.positions[row]));
        }
        if (step.fullOutputs) {
            return full(logits);
        }
        plain = new float[step.outputRows][];
        for (int r = 0; r < step.outputRows; r++) {
            plain[r] = logits[r].clone();
            float mass = step.normalised[r] ? HashModel.logSumExp(plain[r], 1) : 0;
            for (int token = 0; token < model.vocabulary; token++) {
                logits[r][token] -= mass;
            }
            applyRules(r, logits[r]);
        }
        return candidates();
    }

    private void writeKeys() {
        Set<Integer> written = new HashSet<>();
        for (int s = 0; s < step.sequences; s++) {
            int first = step.queryOffsets[s];
            int count = step.queryOffsets[s + 1] - first;
            check(count > 0, "sequence " + s + " has no rows");
            for (int i = 0; i < count; i++) {
                int position = step.keyLengths[s] - count + i;
                check(step.positions[first + i] == position, "a position is off");
                for (int group = 0; group < step.groups.length; group++) {
                    int slot = step.groups[group].writeSlots[first + i];
                    check(slot == slot(step.groups[group], s, position), "a write slot is off");
                    check(written.add(slot), "slot " + slot + " is written twice");
                    long before = position == 0 ? 0 : pool[slot(step.groups[group], s, position - 1)];
                    pool[slot] = HashModel.key(before, step.tokenIds[first + i], position, group);
                }
            }
        }
    }

    /** A block belongs to one group at a time, and to sources or to texts. */
    private void checkHolders() {
        int[] holder = new int[limits.blocks()];
        for (int group = 0; group <= step.groups.length; group++) {
            StepTables tables = group < step.groups.length ? step.groups[group] : step.cross;
            for (int entry = 0; entry < tables.entries; entry++) {
                int block = tables.blocks[entry];
                check(holder[block] == 0 || holder[block] == group + 1, "block " + block + " is in two groups");
                holder[block] = group + 1;
            }
        }
        mostBlocks = Math.max(mostBlocks, (int)
                Arrays.stream(holder).filter(group -> group > 0).count());
    }

    private long read(int s, int position) {
        long state = 1;
        for (int i = 0; i < step.crossLengths[s]; i++) {
            state = HashModel.fold(state, pool[slot(step.cross, s, i)]);
        }
        for (int group = 0; group < step.groups.length; group++) {
            for (int i = limits.groups().get(group).firstKey(position); i <= position; i++) {
                state = HashModel.fold(state, pool[slot(step.groups[group], s, i)]);
            }
        }
        return state;
    }

    private int slot(StepTables tables, int s, int position) {
        int entry = tables.starts[s] + position / limits.blockSize();
        check(entry >= 0 && entry < tables.entries, "position " + position + " is read from a hole");
        return tables.blocks[entry] * limits.blockSize() + position % limits.blockSize();
    }

    private StepOutput full(float[][] logits) {
        float[] values = new float[logits.length * model.vocabulary];
        for (int r = 0; r < logits.length; r++) {
            System.arraycopy(logits[r], 0, values, r * model.vocabulary, model.vocabulary);
        }
        Rows rows = new Rows(logits.length, model.vocabulary, values);
        return StepOutput.whole(0, Map.of(StepOutput.LOGITS, rows));
    }

    private void applyRules(int r, float[] row) {
        LogitRules rules = step.rules;
        for (int e = rules.from[r]; e < rules.to[r]; e++) {
            if (rules.tokens[e] >= row.length) {
                continue; // an EOS that the vocabulary lacks
            }
            float x = row[rules.tokens[e]] + rules.bias[e];
            x = x > 0 ? x / rules.penalty[e] : x * rules.penalty[e];
            row[rules.tokens[e]] = x - rules.offset[e];
        }
        for (int token = 0; rules.maskOf[r] != LogitRules.NO_MASK && token < row.length; token++) {
            int word = rules.maskBits[rules.maskOf[r] * rules.maskWords + token / 32];
            row[token] = (word >>> (token % 32) & 1) == 1 ? row[token] : Float.NEGATIVE_INFINITY;
        }
    }

    private StepOutput candidates() {
        int rows = logits.length;
        int count = step.candidates;
        check(count >= 1 && count <= model.vocabulary, count + " candidates are asked for");
        int[] tokens = new int[rows * count];
        float[] values = new float[rows * count];
        float[] logSumExp = new float[rows];
        float[] entropy = new float[rows];
        float[] before = new float[rows * count];
        float[] plainMass = new float[rows];
        int alternatives = step.alternatives;
        int[] bestTokens = new int[rows * alternatives];
        float[] bestLogits = new float[rows * alternatives];
        for (int r = 0; r < rows; r++) {
            int[] best = best(step.gumbelTemperature[r], step.seeds[r], step.sampleSteps[r], logits[r]);
            for (int c = 0; c < count; c++) {
                tokens[r * count + c] = best[c];
                values[r * count + c] = logits[r][best[c]];
                before[r * count + c] = plain[r][best[c]];
            }
            logSumExp[r] = HashModel.logSumExp(logits[r], step.massTemperature[r]);
            entropy[r] = step.entropy[r] ? entropy(logits[r], step.massTemperature[r]) : Float.NaN;
            plainMass[r] = HashModel.logSumExp(plain[r], 1);
            int[] plainBest = best(0, 0, 0, plain[r]);
            for (int i = 0; i < alternatives; i++) {
                bestTokens[r * alternatives + i] = plainBest[i];
                bestLogits[r * alternatives + i] = plain[r][plainBest[i]];
            }
        }
        StepOutput.Plain unruled =
                step.plain ? new StepOutput.Plain(before, plainMass, alternatives, bestTokens, bestLogits) : null;
        return new StepOutput(rows, count, tokens, values, logSumExp, entropy, unruled, Map.of());
    }

    private static float entropy(float[] logits, double temperature) {
        double mass = HashModel.logSumExp(logits, temperature);
        double sum = 0;
        for (float logit : logits) {
            double log = logit / temperature - mass;
            sum -= log == Double.NEGATIVE_INFINITY ? 0 : Math.exp(log) * log;
        }
        return (float) sum;
    }

    private static int[] best(float temperature, long seed, int sampleStep, float[] logits) {
        long key = CounterNoise.key(seed, sampleStep);
        Comparator<Integer> order = temperature == 0
                ? Comparator.comparingDouble(token -> -logits[token])
                : Comparator.comparingDouble(token -> -CounterNoise.noisy(logits[token], temperature, key, token));
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(order.thenComparing(Comparator.naturalOrder()))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
