package dev.lockstep.backend.cpu.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.CounterNoise;
import dev.lockstep.backend.Limits;
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
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** However the vocabulary is split, a draw from a nucleus is the one that a sorted list of all tokens gives. */
class NucleusDrawTest {
    private static final RowAxis ROWS = RowAxis.TARGET.pick(RowAxis.Kind.OUTPUTS);

    @Seeds(60)
    void drawsAreThoseOfTheSortedVocabulary(long seed) throws Exception {
        Random random = new Random(seed);
        check(random, 1 + random.nextInt(4), 20 + random.nextInt(4000), 1 + random.nextInt(4), random.nextInt(5));
    }

    @Test
    void flatLogitsOfALargeVocabulary() throws Exception {
        check(new Random(1), 2, 262_144, 4, 0);
    }

    private static void check(Random random, int rows, int vocabulary, int ranks, int kind) throws Exception {
        float[][] logits = new float[rows][vocabulary];
        for (float[] row : logits) {
            for (int token = 0; token < vocabulary; token++) {
                row[token] = switch (kind) {
                    case 0 -> 0.5f;
                    case 1 -> Math.round(random.nextGaussian() * 5) / 10f;
                    case 2 -> (float) random.nextGaussian();
                    case 3 -> random.nextInt(3) == 0 ? Float.NEGATIVE_INFINITY : (float) random.nextGaussian();
                    default -> token == vocabulary / 2 ? 9 : random.nextFloat();
                };
            }
        }
        StepInput input = new StepInput(new Limits(8, 8, 8, 1, 1));
        input.clear();
        input.outputRows = rows;
        input.candidates = 8;
        for (int row = 0; row < rows; row++) {
            input.best(row);
            double temperature = 0.5 + random.nextDouble();
            input.nucleusTemperature[row] = temperature;
            input.massTemperature[row] = (float) temperature;
            input.topP[row] = random.nextInt(4) == 0 ? 1 : 0.05 + 0.94 * random.nextDouble();
            input.minP[row] = random.nextBoolean() ? 0 : random.nextDouble() * 0.3;
            if (random.nextInt(4) == 0 && (input.topP[row] < 1 || input.minP[row] > 0)) {
                input.typicalP[row] = 0.05 + 0.94 * random.nextDouble();
            } else if (random.nextInt(3) == 0) {
                input.topP[row] = 1;
                input.minP[row] = 0;
                input.typicalP[row] = 0.05 + 0.94 * random.nextDouble();
                input.entropy[row] = true;
            }
            input.seeds[row] = random.nextLong();
            input.sampleSteps[row] = random.nextInt(100);
        }
        for (StepOutput output : run(ranks, logits, input)) {
            for (int row = 0; row < rows; row++) {
                if (output.drawn()[row]) {
                    assertThat(output.tokens()[row * output.candidates()])
                            .isEqualTo(draw(set(logits[row], input, output, row), logits[row], input, row));
                } else {
                    int[] best = Arrays.copyOf(sorted(logits[row]), output.candidates());
                    assertThat(best).contains(set(logits[row], input, output, row));
                }
            }
        }
    }

    private static int[] sorted(float[] logits) {
        return IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparing((Integer token) -> -logits[token]).thenComparing(token -> token))
                .mapToInt(token -> token)
                .toArray();
    }

    /** The tokens that may be drawn. */
    private static int[] set(float[] logits, StepInput input, StepOutput output, int row) {
        int[] order = sorted(logits);
        double temperature = input.nucleusTemperature[row];
        float best = logits[order[0]];
        double total = Math.exp(output.logSumExp()[row] - best / temperature);
        if (input.entropy[row]) {
            return typical(order, logits, input, row, total, output.entropy()[row]);
        }
        int end = 0;
        double mass = 0;
        while (end < order.length && (input.topP[row] >= 1 || mass < input.topP[row] * total)) {
            mass += Math.exp((logits[order[end++]] - best) / temperature);
        }
        while (end > 1 && Math.exp((logits[order[end - 1]] - best) / temperature) < input.minP[row]) {
            end--;
        }
        while (end > 1 && logits[order[end - 1]] == Float.NEGATIVE_INFINITY) {
            end--;
        }
        int[] nucleus = Arrays.copyOf(order, end);
        return input.typicalP[row] < 1 ? typicalOf(nucleus, logits, input, row) : nucleus;
    }

    /** The typical ones of some tokens, by their own mass and entropy. */
    private static int[] typicalOf(int[] tokens, float[] logits, StepInput input, int row) {
        double mass = 0;
        double moment = 0;
        for (int token : tokens) {
            double exponent = (logits[token] - logits[tokens[0]]) / input.nucleusTemperature[row];
            mass += Math.exp(exponent);
            moment += Math.exp(exponent) * exponent;
        }
        return typical(tokens, logits, input, row, mass, Math.log(mass) - moment / mass);
    }

    /** Outward from the token whose surprise is the entropy, the nearer side first. */
    private static int[] typical(int[] order, float[] logits, StepInput input, int row, double total, double entropy) {
        double temperature = input.nucleusTemperature[row];
        double[] exponents = Arrays.stream(order)
                .mapToDouble(token -> (logits[token] - logits[order[0]]) / temperature)
                .toArray();
        int above = 0;
        while (above < order.length && Math.log(total) - exponents[above] < entropy) {
            above++;
        }
        int below = above;
        double mass = 0;
        while (mass < input.typicalP[row] * total && (below > 0 || above < order.length)) {
            boolean down = above == order.length
                    || below > 0
                            && entropy - (Math.log(total) - exponents[below - 1])
                                    <= Math.log(total) - exponents[above] - entropy;
            mass += Math.exp(exponents[down ? --below : above++]);
        }
        return Arrays.copyOfRange(order, below, above);
    }

    private static int draw(int[] set, float[] logits, StepInput input, int row) {
        long key = CounterNoise.key(input.seeds[row], input.sampleSteps[row]);
        int drawn = set[0];
        float most = Float.NEGATIVE_INFINITY;
        for (int token : set) {
            float noisy = CounterNoise.noisy(logits[token], (float) input.nucleusTemperature[row], key, token);
            if (noisy > most) {
                most = noisy;
                drawn = token;
            }
        }
        return drawn;
    }

    private static List<StepOutput> run(int ranks, float[][] logits, StepInput input) throws Exception {
        List<Mesh> meshes = ThreadMesh.group(ranks, Duration.ofMinutes(10));
        ExecutorService threads = Executors.newFixedThreadPool(ranks);
        try {
            List<Future<StepOutput>> futures = new ArrayList<>();
            for (Mesh mesh : meshes) {
                futures.add(threads.submit(() -> runRank(mesh, logits, input)));
            }
            List<StepOutput> outputs = new ArrayList<>();
            for (Future<StepOutput> future : futures) {
                outputs.add(future.get());
            }
            return outputs;
        } finally {
            threads.shutdownNow();
        }
    }

    private static StepOutput runRank(Mesh mesh, float[][] logits, StepInput input) {
        int vocabulary = logits[0].length;
        int[][] held = new int[mesh.size()][];
        for (int rank = 0; rank < held.length; rank++) {
            int me = rank;
            held[rank] = IntStream.range(0, vocabulary)
                    .filter(token -> token % held.length == me)
                    .toArray();
        }
        int[] own = held[mesh.rank()];
        Operand operand = new Operand(View.all(new Buffer(ROWS, own.length)));
        try (Slab slab = Memory.UNCOUNTED.floats((long) logits.length * own.length, "test");
                Workers workers = new Workers(1 + mesh.rank() % 2)) {
            operand.place(slab, 0);
            for (int row = 0; row < logits.length; row++) {
                for (int column = 0; column < own.length; column++) {
                    operand.matrix().set(row, column, logits[row][own[column]]);
                }
            }
            OutputValue value = new OutputValue("logits", ROWS, vocabulary, operand, mesh.size() == 1 ? null : held);
            return new CandidateExchange(mesh, workers).exchange(value, input);
        }
    }
}
