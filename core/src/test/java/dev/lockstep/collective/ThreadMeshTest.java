package dev.lockstep.collective;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lockstep.collective.Ranks.Outcome;
import dev.lockstep.testing.Seeds;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadMeshTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(200);

    @Seeds(60)
    void sumsAreTakenInRankOrderAndEqualOnAllRanks(long seed) throws InterruptedException {
        Random random = new Random(seed);
        int size = 1 + random.nextInt(7);
        int floats = random.nextInt(8) == 0 ? random.nextInt(3) : random.nextInt(10001);
        int offset = random.nextInt(6);
        float[][] values = new float[size][floats];
        for (float[] row : values) {
            for (int i = 0; i < floats; i++) {
                row[i] = (float) (random.nextGaussian() * Math.scalb(1, random.nextInt(30)));
            }
        }
        float[] expected = new float[floats];
        for (int i = 0; i < floats; i++) {
            expected[i] = values[0][i];
            for (int rank = 1; rank < size; rank++) {
                expected[i] += values[rank][i];
            }
        }
        List<Mesh> meshes = ThreadMesh.group(size, LONG);
        List<float[]> sums = Ranks.succeed(size, rank -> {
            // Offsets may differ from rank to rank, and what lies around stays as it was.
            int before = offset + rank;
            ByteBuffer buffer = buffer(before + floats + 1);
            fill(buffer, before, values[rank]);
            buffer.putFloat(4 * (before + floats), 5);
            meshes.get(rank).allReduceSum(buffer, 4 * before, floats);
            assertThat(buffer.getFloat(4 * (before + floats))).isEqualTo(5);
            return floats(buffer, before, floats);
        });
        for (float[] sum : sums) {
            assertThat(sum).containsExactly(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void hundredsOfMixedOperationsStayInStep(int size) throws InterruptedException {
        List<Mesh> meshes = ThreadMesh.group(size, LONG);
        List<Long> counts = Ranks.succeed(size, rank -> {
            Mesh mesh = meshes.get(rank);
            ByteBuffer buffer = buffer(64);
            ByteBuffer gathered = buffer(64 * size);
            int[] plan = new int[2];
            // All pairs of a length and whether there is a barrier. Ranks that wait for a core make each step slow.
            for (int step = 0; step < 450; step++) {
                if (rank == 0) {
                    plan[0] = step;
                    plan[1] = step % 63 + 1;
                }
                int[] received = mesh.broadcast(rank == 0 ? plan : null);
                assertThat(received).containsExactly(step, step % 63 + 1);
                float[] mine = new float[received[1]];
                Arrays.fill(mine, rank + step);
                fill(buffer, 0, mine);
                mesh.allReduceSum(buffer, 0, mine.length);
                float sum = size * (size - 1) / 2 + size * step;
                assertThat(buffer.getFloat(4 * (mine.length - 1))).isEqualTo(sum);
                buffer.putFloat(0, rank * 1000 + step);
                mesh.allGather(buffer, 0, 4, gathered, 0);
                for (int other = 0; other < size; other++) {
                    assertThat(gathered.getFloat(4 * other)).isEqualTo(other * 1000 + step);
                }
                if (step % 7 == 0) {
                    mesh.barrier();
                }
            }
            return mesh.collectives();
        });
        assertThat(counts).containsOnly(900L);
    }

    @Test
    void anAbortWakesAllWithItsCause() throws InterruptedException {
        List<Mesh> meshes = ThreadMesh.group(4, LONG);
        IllegalStateException cause = new IllegalStateException("out of memory on the device");
        List<Outcome<Void>> outcomes = Ranks.run(4, rank -> {
            if (rank == 2) {
                meshes.get(rank).abort(cause);
                return null;
            }
            meshes.get(rank).allReduceSum(buffer(8), 0, 8);
            return null;
        });
        for (int rank : new int[] {0, 1, 3}) {
            assertThat(outcomes.get(rank).error())
                    .isInstanceOf(MeshException.class)
                    .hasMessageContainingAll("rank 2 of 4 failed", "out of memory on the device")
                    .hasCause(cause);
        }
        // Later operations fail as well, on every rank.
        for (Outcome<Void> outcome : Ranks.<Void>run(4, rank -> {
            meshes.get(rank).barrier();
            return null;
        })) {
            assertThat(outcome.error()).isInstanceOf(MeshException.class).hasCause(cause);
        }
    }

    @Test
    void theDeadlineNamesTheRanksThatAreMissing() throws InterruptedException {
        List<Mesh> meshes = ThreadMesh.group(4, SHORT);
        List<Outcome<Void>> outcomes = Ranks.run(4, rank -> {
            if (rank % 2 == 0) {
                meshes.get(rank).allReduceSum(buffer(8), 0, 8);
            }
            return null;
        });
        for (int rank : new int[] {0, 2}) {
            assertThat(outcomes.get(rank).error())
                    .isInstanceOf(MeshException.class)
                    // On a busy machine one of the two may itself come too late for the other.
                    .hasMessageMatching("ranks \\[(0, )?1, (2, )?3] of 4 did not arrive at allReduceSum of 8 floats"
                            + " within 200 ms of rank [02]: .*");
        }
    }

    @Test
    void differentOperationsAreNamed() throws InterruptedException {
        List<Mesh> meshes = ThreadMesh.group(3, LONG);
        List<Outcome<Void>> outcomes = Ranks.run(3, rank -> {
            if (rank == 2) {
                meshes.get(rank).barrier();
            } else {
                meshes.get(rank).allReduceSum(buffer(8), 0, 7 + rank);
            }
            return null;
        });
        for (Outcome<Void> outcome : outcomes) {
            assertThat(outcome.error())
                    .isInstanceOf(MeshException.class)
                    .hasMessageContainingAll(
                            "different operations",
                            "rank 0 allReduceSum of 7 floats",
                            "rank 1 allReduceSum of 8 floats",
                            "rank 2 barrier");
        }
    }

    @Test
    void aRankThatClosesOrIsInterruptedOrMisusesItsBuffersFailsTheOthers() throws InterruptedException {
        CountDownLatch entered = new CountDownLatch(1);
        List<Mesh> closing = ThreadMesh.group(2, LONG);
        assertThat(failure(closing, mesh -> mesh.close())).hasMessageContaining("rank 1 of 2 closed its mesh");
        List<Mesh> interrupted = ThreadMesh.group(2, LONG);
        Thread waiting = new Thread(() -> {
            entered.countDown();
            interrupted.get(1).barrier();
        });
        waiting.setUncaughtExceptionHandler((thread, error) -> {});
        waiting.start();
        entered.await();
        waiting.interrupt();
        waiting.join();
        assertThat(error(() -> interrupted.get(0).barrier())).hasMessageContaining("rank 1 was interrupted in barrier");
        List<Mesh> misused = ThreadMesh.group(2, LONG);
        assertThat(failure(misused, mesh -> mesh.allReduceSum(buffer(4), 0, 5)))
                .hasMessageContainingAll("rank 1 of 2 failed", "takes 20 bytes from byte 0 on", "ends at 16");
    }

    @Test
    void collectivesAllocateNothing() throws InterruptedException {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Mesh> meshes = ThreadMesh.group(2, LONG);
        List<Long> allocated = Ranks.succeed(2, rank -> {
            Mesh mesh = meshes.get(rank);
            ByteBuffer buffer = buffer(4096);
            ByteBuffer gathered = buffer(8192);
            long least = Long.MAX_VALUE;
            // All rounds on both ranks, since what one has measured the other does not know.
            for (int round = 0; round < 5; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int step = 0; step < 100; step++) {
                    mesh.allReduceSum(buffer, 0, 4096);
                    mesh.allGather(buffer, 0, 4096 * 4, gathered, 0);
                    mesh.barrier();
                }
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }
            return least;
        });
        // Less than four bytes a call: what the measurement itself takes.
        assertThat(allocated).allSatisfy(bytes -> assertThat(bytes).isLessThan(1000L));
    }

    @Test
    void misuseIsNamed() {
        Mesh mesh = ThreadMesh.group(1, LONG).get(0);
        assertThat(error(() -> mesh.allReduceSum(ByteBuffer.allocate(8), 0, 1))).hasMessageContaining("direct buffer");
        Mesh other = ThreadMesh.group(1, LONG).get(0);
        assertThat(error(() -> other.broadcast(null))).hasMessageContaining("rank 0 broadcasts null");
        Mesh closed = ThreadMesh.group(1, LONG).get(0);
        closed.close();
        assertThat(error(closed::barrier)).hasMessageContaining("has closed its mesh");
    }

    private interface Call {
        void on(Mesh mesh);
    }

    /** What rank 0 meets in an all-reduce when rank 1 does this instead. */
    private static Throwable failure(List<Mesh> meshes, Call call) throws InterruptedException {
        return Ranks.<Void>run(2, rank -> {
                    if (rank == 0) {
                        meshes.get(0).allReduceSum(buffer(8), 0, 5);
                    } else {
                        call.on(meshes.get(1));
                    }
                    return null;
                })
                .get(0)
                .error();
    }

    private static Throwable error(Runnable call) {
        try {
            call.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static ByteBuffer buffer(int floats) {
        return ByteBuffer.allocateDirect(4 * floats).order(ByteOrder.nativeOrder());
    }

    private static void fill(ByteBuffer buffer, int offset, float[] values) {
        for (int i = 0; i < values.length; i++) {
            buffer.putFloat(4 * (offset + i), values[i]);
        }
    }

    private static float[] floats(ByteBuffer buffer, int offset, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = buffer.getFloat(4 * (offset + i));
        }
        return values;
    }
}
