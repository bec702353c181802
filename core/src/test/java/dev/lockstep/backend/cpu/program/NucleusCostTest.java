package dev.lockstep.backend.cpu.program;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What draws from flat logits cost: 256 rows over 262,144 tokens on four ranks, where half of all tokens and more are in the
 * set. Counted, not timed: how often ranks meet and how much they send, which the vocabulary must not decide.
 */
class NucleusCostTest {
    private static final RowAxis AXIS = RowAxis.TARGET.pick(RowAxis.Kind.OUTPUTS);
    private static final int ROWS = 256;
    private static final int VOCABULARY = 262_144;
    private static final int RANKS = 4;
    private static final int CANDIDATES = 64;

    /** Counts what goes through a mesh. */
    private static final class Counting implements Mesh {
        private final Mesh mesh;
        private int gathers;
        private long largest;

        Counting(Mesh mesh) {
            this.mesh = mesh;
        }

        @Override
        public void allGather(ByteBuffer source, int sourceOffset, int bytes, ByteBuffer target, int targetOffset) {
            gathers++;
            largest = Math.max(largest, bytes);
            mesh.allGather(source, sourceOffset, bytes, target, targetOffset);
        }

        @Override
        public int rank() {
            return mesh.rank();
        }

        @Override
        public int size() {
            return mesh.size();
        }

        @Override
        public void allReduceSum(ByteBuffer buffer, int byteOffset, int floats) {
            mesh.allReduceSum(buffer, byteOffset, floats);
        }

        @Override
        public int[] broadcast(int[] message) {
            return mesh.broadcast(message);
        }

        @Override
        public void barrier() {
            mesh.barrier();
        }

        @Override
        public void abort(Throwable cause) {
            mesh.abort(cause);
        }

        @Override
        public long collectives() {
            return mesh.collectives();
        }

        @Override
        public void close() {
            mesh.close();
        }
    }

    private static StepInput input() {
        StepInput input = new StepInput(new Limits(ROWS, ROWS, ROWS, 1, 1));
        input.clear();
        input.outputRows = ROWS;
        input.candidates = CANDIDATES;
        for (int row = 0; row < ROWS; row++) {
            input.best(row);
            input.nucleusTemperature[row] = 1;
            input.seeds[row] = row;
            switch (row % 4) {
                case 0 -> input.topP[row] = 0.95;
                case 1 -> input.minP[row] = 0.1;
                case 2 -> {
                    input.topP[row] = 0.9;
                    input.minP[row] = 0.05;
                }
                default -> {
                    input.typicalP[row] = 0.9;
                    input.entropy[row] = true;
                }
            }
        }
        return input;
    }

    @Test
    void messagesAreSmallAndFewWhateverTheVocabulary() throws Exception {
        StepInput input = input();
        List<Counting> meshes = new ArrayList<>();
        ThreadMesh.group(RANKS, Duration.ofMinutes(10)).forEach(mesh -> meshes.add(new Counting(mesh)));
        ExecutorService threads = Executors.newFixedThreadPool(RANKS);
        try {
            List<Future<int[]>> running = new ArrayList<>();
            for (Counting mesh : meshes) {
                running.add(threads.submit(() -> drawn(mesh, input)));
            }
            int[] first = running.get(0).get();
            for (Future<int[]> other : running) {
                assertThat(other.get()).isEqualTo(first);
            }
            assertThat(Arrays.stream(first).distinct().count())
                    .as("different tokens")
                    .isGreaterThan(ROWS / 2);
        } finally {
            threads.shutdownNow();
            meshes.forEach(Mesh::close);
        }
        for (Counting mesh : meshes) {
            // The candidates, once; then two small messages a round.
            assertThat(mesh.gathers).isBetween(3, 1 + 2 * 12);
            assertThat(mesh.largest).isLessThanOrEqualTo(ROWS * (CANDIDATES * 8L + 64));
        }
    }

    /** The token drawn for each row. */
    private static int[] drawn(Mesh mesh, StepInput input) {
        int width = VOCABULARY / RANKS;
        int[][] held = new int[RANKS][];
        Arrays.setAll(
                held, rank -> IntStream.range(rank * width, (rank + 1) * width).toArray());
        Operand operand = new Operand(View.all(new Buffer(AXIS, width)));
        float[] flat = new float[width];
        Arrays.fill(flat, 0.25f);
        try (Slab slab = Memory.UNCOUNTED.floats((long) ROWS * width, "test");
                Workers workers = new Workers(1)) {
            operand.place(slab, 0);
            for (int row = 0; row < ROWS; row++) {
                slab.put(operand.matrix().at(row, 0), flat, 0, width);
            }
            OutputValue logits = new OutputValue("logits", AXIS, VOCABULARY, operand, held);
            StepOutput output = new CandidateExchange(mesh, workers).exchange(logits, input);
            int[] tokens = new int[ROWS];
            for (int row = 0; row < ROWS; row++) {
                assertThat(output.drawn()[row])
                        .as("row %d is drawn by the ranks", row)
                        .isTrue();
                tokens[row] = output.tokens()[row * output.candidates()];
            }
            return tokens;
        }
    }
}
