package dev.lockstep.backend.cpu.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.LogitRules;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMesh;
import dev.lockstep.graph.RowAxis;
import dev.lockstep.testing.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** However the vocabulary is split, candidates, masses and draws are those of the whole, changed vocabulary. */
class CandidateExchangeTest {
    private static final RowAxis ROWS = RowAxis.TARGET.pick(RowAxis.Kind.OUTPUTS);

    @Seeds(150)
    void anySplitGivesWhatTheWholeGives(long seed) throws Exception {
        Random random = new Random(seed);
        int rows = 1 + random.nextInt(5);
        int vocabulary = 2 + random.nextInt(random.nextBoolean() ? 20 : 3000);
        float[][] logits = logits(random, rows, vocabulary);
        StepInput input = input(random, rows, vocabulary);
        int[][] held = split(random, vocabulary);

        List<List<StepOutput>> outputs = run(held, logits, input, random.nextInt(vocabulary) + 1);

        for (List<StepOutput> ofRank : outputs) {
            for (StepOutput output : ofRank) {
                for (int row = 0; row < rows; row++) {
                    if (input.normalised[row]) {
                        checkNormalised(output, input, row, logits[row]);
                    } else {
                        check(output, input, row, logits[row]);
                    }
                }
            }
            assertThat(ofRank.get(1).tokens()).isEqualTo(outputs.get(0).get(1).tokens());
            assertThat(ofRank.get(1).logSumExp())
                    .isEqualTo(outputs.get(0).get(1).logSumExp());
        }
    }

    private static float[][] logits(Random random, int rows, int vocabulary) {
        float[][] logits = new float[rows][vocabulary];
        for (float[] row : logits) {
            for (int token = 0; token < vocabulary; token++) {
                row[token] = Math.round(random.nextGaussian() * 30) / 10f; // many ties
            }
        }
        return logits;
    }

    private static StepInput input(Random random, int rows, int vocabulary) {
        StepInput input = new StepInput(new Limits(8, 8, 8, 1, 1));
        input.clear();
        input.outputRows = rows;
        input.candidates = 1 + random.nextInt(4);
        input.plain = random.nextBoolean();
        input.alternatives = random.nextInt(4);
        List<int[]> masks = List.of(mask(random, vocabulary), mask(random, vocabulary));
        for (int row = 0; row < rows; row++) {
            input.best(row);
            input.massTemperature[row] = random.nextBoolean() ? 1 : 0.3f + random.nextFloat();
            input.entropy[row] = random.nextBoolean();
            input.gumbelTemperature[row] = random.nextInt(3) == 0 ? 0.3f + random.nextFloat() : 0;
            input.normalised[row] = random.nextInt(4) == 0;
            input.seeds[row] = random.nextLong();
            input.sampleSteps[row] = random.nextInt(100);
            for (int e = random.nextInt(6); e > 0; e--) {
                // Some beyond the vocabulary: they concern nobody.
                int token = random.nextInt(vocabulary + 2);
                float bias = random.nextInt(4) == 0 ? Float.NEGATIVE_INFINITY : random.nextFloat() - 0.5f;
                input.rules.add(row, token, bias, 1 + random.nextFloat(), random.nextFloat());
            }
            if (random.nextInt(3) == 0) {
                input.rules.mask(row, masks.get(random.nextInt(2)));
            }
        }
        return input;
    }

    /** Allows at least one token. */
    private static int[] mask(Random random, int vocabulary) {
        int[] mask = random.ints((vocabulary + 31) / 32).toArray();
        int token = random.nextInt(vocabulary);
        mask[token / 32] |= 1 << token % 32;
        return mask;
    }

    /** Runs of tokens, or every so many; a rank may have none. */
    private static int[][] split(Random random, int vocabulary) {
        int ranks = 1 + random.nextInt(4);
        boolean runs = random.nextBoolean();
        int[][] held = new int[ranks][];
        int share = (vocabulary + ranks - 1) / ranks + random.nextInt(3);
        for (int rank = 0; rank < ranks; rank++) {
            int me = rank;
            held[rank] = IntStream.range(0, vocabulary)
                    .filter(token -> runs ? token / share == me : token % ranks == me)
                    .toArray();
        }
        return held;
    }

    /** On every rank: the first output, and one with more candidates that is taken from the same logits. */
    private static List<List<StepOutput>> run(int[][] held, float[][] logits, StepInput input, int more)
            throws Exception {
        List<Mesh> meshes = ThreadMesh.group(held.length, Duration.ofMinutes(10));
        ExecutorService threads = Executors.newFixedThreadPool(held.length);
        try {
            List<Future<List<StepOutput>>> futures = new ArrayList<>();
            for (Mesh mesh : meshes) {
                futures.add(threads.submit(() -> runRank(mesh, held, logits, input, more)));
            }
            List<List<StepOutput>> outputs = new ArrayList<>();
            for (Future<List<StepOutput>> future : futures) {
                outputs.add(future.get());
            }
            return outputs;
        } finally {
            threads.shutdownNow();
        }
    }

    private static List<StepOutput> runRank(Mesh mesh, int[][] held, float[][] logits, StepInput sent, int more) {
        int[] own = held[mesh.rank()];
        Operand operand = new Operand(View.all(new Buffer(ROWS, own.length)));
        StepInput input = new StepInput(new Limits(8, 8, 8, 1, 1));
        synchronized (sent) {
            input.decode(numbered(sent));
        }
        try (Slab slab = Memory.UNCOUNTED.floats(Math.max(1, (long) logits.length * own.length), "test");
                Workers workers = new Workers(1 + mesh.rank() % 2)) {
            operand.place(slab, 0);
            for (int row = 0; row < logits.length; row++) {
                for (int column = 0; column < own.length; column++) {
                    operand.matrix().set(row, column, logits[row][own[column]]);
                }
            }
            int vocabulary = logits[0].length;
            OutputValue value = new OutputValue("logits", ROWS, vocabulary, operand, mesh.size() == 1 ? null : held);
            CandidateExchange exchange = new CandidateExchange(mesh, workers);
            StepOutput first = copy(exchange.exchange(value, input));
            input.repeated = true;
            input.candidates = Math.max(input.candidates, more);
            return List.of(first, exchange.exchange(value, input));
        }
    }

    /** An output is overwritten by the next. */
    private static StepOutput copy(StepOutput from) {
        StepOutput.Plain plain = from.plain() == null
                ? null
                : new StepOutput.Plain(
                        from.plain().logits().clone(),
                        from.plain().logSumExp().clone(),
                        from.plain().alternatives(),
                        from.plain().bestTokens().clone(),
                        from.plain().bestLogits().clone());
        return new StepOutput(
                from.rows(),
                from.candidates(),
                from.tokens().clone(),
                from.logits().clone(),
                from.logSumExp().clone(),
                from.entropy().clone(),
                plain,
                from.full());
    }

    /** The message of a step as if it were the first. */
    private static int[] numbered(StepInput sent) {
        int[] message = sent.encode();
        message[1] = 1;
        return message;
    }

    // ---------------------------------------------------------------- what it should be

    private static void check(StepOutput output, StepInput input, int row, float[] plain) {
        float[] changed = changed(plain, input, row);
        List<Integer> order = order(changed);
        int count = output.candidates();
        int from = row * count;
        int drawn = input.gumbelTemperature[row] > 0 ? draw(changed, input, row) : order.get(0);
        if (changed[order.get(0)] > Float.NEGATIVE_INFINITY) {
            assertThat(output.tokens()[from]).isEqualTo(drawn);
            assertThat(output.logits()[from]).isEqualTo(changed[drawn]);
        } else {
            assertThat(output.logits()[from]).isEqualTo(Float.NEGATIVE_INFINITY);
        }
        for (int c = 1; c < count && input.gumbelTemperature[row] == 0; c++) {
            assertThat(output.logits()[from + c]).isEqualTo(changed[order.get(c)]);
            if (changed[order.get(c)] > Float.NEGATIVE_INFINITY) {
                assertThat(output.tokens()[from + c]).isEqualTo(order.get(c));
            }
        }
        double mass = logSumExp(changed, input.massTemperature[row]);
        if (mass > Double.NEGATIVE_INFINITY) {
            assertThat((double) output.logSumExp()[row]).isCloseTo(mass, within(1e-4));
            if (input.entropy[row]) {
                double entropy = entropy(changed, input.massTemperature[row], mass);
                assertThat((double) output.entropy()[row]).isCloseTo(entropy, within(1e-4));
            }
        }
        checkPlain(output, input, row, plain);
    }

    /** Their last bits depend on the mass, which ranks sum up in their own order. */
    private static void checkNormalised(StepOutput output, StepInput input, int row, float[] plain) {
        float mass = (float) logSumExp(plain, 1);
        float[] log = plain.clone();
        for (int token = 0; token < log.length; token++) {
            log[token] -= mass;
        }
        float[] changed = changed(log, input, row);
        List<Integer> order = order(changed);
        for (int c = 0; c < output.candidates() && input.gumbelTemperature[row] == 0; c++) {
            float found = output.logits()[row * output.candidates() + c];
            float expected = changed[order.get(c)];
            assertThat(found == expected || Math.abs(found - expected) < 1e-4f)
                    .as("candidate %d is %s, not %s", c, found, expected)
                    .isTrue();
        }
    }

    private static void checkPlain(StepOutput output, StepInput input, int row, float[] plain) {
        if (!input.plain) {
            assertThat(output.plain()).isNull();
            return;
        }
        StepOutput.Plain found = output.plain();
        List<Integer> order = order(plain);
        assertThat(found.alternatives()).isEqualTo(Math.min(input.alternatives, plain.length));
        assertThat((double) found.logSumExp()[row]).isCloseTo(logSumExp(plain, 1), within(1e-4));
        for (int i = 0; i < found.alternatives(); i++) {
            assertThat(found.bestTokens()[row * found.alternatives() + i]).isEqualTo(order.get(i));
            assertThat(found.bestLogits()[row * found.alternatives() + i]).isEqualTo(plain[order.get(i)]);
        }
        for (int c = 0; c < output.candidates(); c++) {
            int at = row * output.candidates() + c;
            if (output.logits()[at] > Float.NEGATIVE_INFINITY) {
                assertThat(found.logits()[at]).isEqualTo(plain[output.tokens()[at]]);
            }
        }
    }

    private static float[] changed(float[] plain, StepInput input, int row) {
        float[] changed = plain.clone();
        LogitRules rules = input.rules;
        for (int e = rules.from[row]; e < rules.to[row]; e++) {
            int token = rules.tokens[e];
            if (token < changed.length) {
                float y = changed[token] + rules.bias[e];
                changed[token] = (y > 0 ? y / rules.penalty[e] : y * rules.penalty[e]) - rules.offset[e];
            }
        }
        for (int token = 0; token < changed.length; token++) {
            if (rules.maskOf[row] >= 0) {
                int word = rules.maskBits[rules.maskOf[row] * rules.maskWords + token / 32];
                changed[token] = (word & 1 << token % 32) != 0 ? changed[token] : Float.NEGATIVE_INFINITY;
            }
        }
        return changed;
    }

    private static List<Integer> order(float[] logits) {
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer token) -> -logits[token])
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static int draw(float[] logits, StepInput input, int row) {
        long key = CounterNoise.key(input.seeds[row], input.sampleSteps[row]);
        float temperature = input.gumbelTemperature[row];
        return IntStream.range(0, logits.length)
                .boxed()
                .max(Comparator.comparingDouble(token -> CounterNoise.noisy(logits[token], temperature, key, token)))
                .orElseThrow();
    }

    private static double logSumExp(float[] logits, double temperature) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit / temperature);
        }
        return Math.log(sum);
    }

    private static double entropy(float[] logits, double temperature, double mass) {
        double sum = 0;
        for (float logit : logits) {
            double log = logit / temperature - mass;
            sum -= log == Double.NEGATIVE_INFINITY ? 0 : Math.exp(log) * log;
        }
        return sum;
    }
}
