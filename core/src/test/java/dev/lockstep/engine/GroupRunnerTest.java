package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.CollectiveCount;
import dev.lockstep.backend.Limits;
import dev.lockstep.backend.MemoryLedger;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.Program;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.collective.Mesh;
import dev.lockstep.collective.ThreadMesh;
import dev.lockstep.graph.EntryPoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class GroupRunnerTest {
    private static final Limits LIMITS = new Limits(64, 4, 4, 10, 16);

    /** Meets the other ranks in every step, and has memory for so many tokens. */
    private static final class Collective implements Program {
        final Mesh mesh;
        final int most;
        final List<Integer> ran = new ArrayList<>();

        Collective(Mesh mesh, int most) {
            this.mesh = mesh;
            this.most = most;
        }

        @Override
        public StepOutput run(StepInput input) {
            mesh.barrier();
            if (input.tokens > most) {
                throw new OutOfMemoryException("no memory for " + input.tokens + " tokens");
            }
            ran.add(input.tokens);
            return new StepOutput(0, 0, new int[0], new float[0], new float[0]);
        }

        @Override
        public void probe(StepInput input) {
            run(input);
        }

        @Override
        public void resizeCaches(int blocks) {
            throw new IllegalStateException("this program has no caches");
        }

        @Override
        public MemoryLedger memory() {
            return new MemoryLedger(0, 0, 0, 0);
        }

        @Override
        public List<CollectiveCount> collectives() {
            return List.of();
        }

        @Override
        public void close() {
            // holds nothing
        }
    }

    @Test
    void aStepThatOneRankHasNoMemoryForEndsOnAll() throws Exception {
        List<Mesh> meshes = ThreadMesh.group(3, Duration.ofMinutes(10));
        int[] most = {64, 20, 30};
        List<Collective> programs = new ArrayList<>();
        List<GroupRunner> runners = new ArrayList<>();
        for (int rank = 0; rank < 3; rank++) {
            programs.add(new Collective(meshes.get(rank), most[rank]));
            runners.add(new GroupRunner(meshes.get(rank), programs.get(rank), LIMITS));
        }
        ExecutorService threads = Executors.newFixedThreadPool(2);
        List<Future<?>> followers =
                List.of(threads.submit(runners.get(1)::follow), threads.submit(runners.get(2)::follow));
        GroupRunner leader = runners.get(0);

        run(leader, 10);
        assertThatThrownBy(() -> run(leader, 40))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("rank 1 has no memory for a step of 40 tokens")
                .hasMessageContaining("spark.lockstep.maxBatchTokens");
        run(leader, 20);
        assertThatThrownBy(() -> run(leader, 25)).isInstanceOf(OutOfMemoryException.class);
        run(leader, 15);
        leader.release();

        for (Future<?> follower : followers) {
            follower.get();
        }
        threads.shutdown();
        assertThat(programs.get(1).ran).containsExactly(10, 20, 15);
        assertThat(programs.get(0).ran).containsExactly(10, 40, 20, 25, 15);
        assertThat(runners).extracting(GroupRunner::steps).containsOnly(3L);
    }

    private static void run(GroupRunner runner, int tokens) {
        StepInput input = runner.input();
        input.clear();
        input.entry = EntryPoint.DECODE;
        input.sequences = 1;
        input.tokens = tokens;
        input.queryOffsets[1] = tokens;
        runner.run();
    }
}
