package dev.lockstep.backend.cpu.program;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.Pooling;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.lowering.Buffer;
import dev.lockstep.backend.lowering.View;
import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMesh;
import dev.lockstep.graph.RowAxis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of value {@code 10 * row + feature}, held whole or with the features dealt to ranks unevenly. */
final class PooledRowsTest {
    private static final int WIDTH = 5;
    private static final int ROWS = 6;
    /** Two sequences: rows 0 to 3, and 4 to 5. */
    private static final int[] OFFSETS = {0, 4, 6};

    @ParameterizedTest
    @CsvSource({"MEAN,15,45", "CLS,0,40", "LAST,30,50"})
    void aRankPoolsWhatItHoldsAndRanksExchangeThat(Pooling pooling, float first, float second) throws Exception {
        float[] expected = new float[2 * WIDTH];
        for (int feature = 0; feature < WIDTH; feature++) {
            expected[feature] = first + feature;
            expected[WIDTH + feature] = second + feature;
        }

        assertThat(pool(pooling, null)).allSatisfy(rows -> assertRows(rows, expected));
        assertThat(pool(pooling, new int[][] {{0, 1, 2, 3, 4}})).allSatisfy(rows -> assertRows(rows, expected));
        assertThat(pool(pooling, new int[][] {{0, 2, 3}, {}, {1, 4}}))
                .hasSize(3)
                .allSatisfy(rows -> assertRows(rows, expected));
    }

    private static void assertRows(StepOutput.Rows rows, float[] expected) {
        assertThat(rows.rows()).isEqualTo(2);
        assertThat(rows.width()).isEqualTo(WIDTH);
        assertThat(rows.values()).containsExactly(expected);
    }

    /** What every rank gets. */
    private static List<StepOutput.Rows> pool(Pooling pooling, int[][] held) throws Exception {
        int ranks = held == null ? 1 : held.length;
        List<Mesh> meshes = ThreadMesh.group(ranks, Duration.ofMinutes(10));
        ExecutorService threads = Executors.newFixedThreadPool(ranks);
        List<Future<StepOutput.Rows>> running = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            int[] features = held == null ? new int[] {0, 1, 2, 3, 4} : held[rank];
            Mesh mesh = meshes.get(rank);
            running.add(threads.submit(() -> pool(mesh, pooling, features, held)));
        }
        List<StepOutput.Rows> found = new ArrayList<>();
        for (Future<StepOutput.Rows> each : running) {
            found.add(each.get());
        }
        threads.shutdown();
        meshes.forEach(Mesh::close);
        return found;
    }

    private static StepOutput.Rows pool(Mesh mesh, Pooling pooling, int[] features, int[][] held) {
        StepInput input = new StepInput(new Limits(ROWS, 2, ROWS, 0, 16));
        input.clear();
        input.pooling = pooling;
        input.sequences = 2;
        input.tokens = ROWS;
        System.arraycopy(OFFSETS, 0, input.queryOffsets, 0, OFFSETS.length);
        try (Slab slab = Memory.UNCOUNTED.floats(ROWS * Math.max(1, features.length), "test")) {
            Operand operand = new Operand(View.all(new Buffer(RowAxis.SOURCE, features.length)));
            operand.place(slab, 0);
            for (int row = 0; row < ROWS; row++) {
                for (int column = 0; column < features.length; column++) {
                    operand.matrix().set(row, column, 10 * row + features[column]);
                }
            }
            OutputValue value = new OutputValue("hidden", RowAxis.SOURCE, WIDTH, operand, held);
            return new PooledRows(mesh).pool(value, input, OFFSETS);
        }
    }
}
