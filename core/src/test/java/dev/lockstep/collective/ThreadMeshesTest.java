package dev.lockstep.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.collective.Ranks.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ThreadMeshesTest {
    private static final Duration LONG = Duration.ofMinutes(10);

    @AfterEach
    void nothingStaysBehind() {
        assertThat(ThreadMeshes.gathering()).isZero();
    }

    @Test
    void ranksOfOneKeyMeetAndTheKeyServesAgain() throws InterruptedException {
        for (int group = 0; group < 20; group++) {
            List<String> met = Ranks.succeed(4, rank -> {
                Mesh mesh = ThreadMeshes.join("job 1", rank, 4, LONG);
                int[] message = mesh.broadcast(rank == 0 ? new int[] {42} : null);
                return mesh.rank() + " of " + mesh.size() + " got " + message[0];
            });
            assertThat(met).containsExactly("0 of 4 got 42", "1 of 4 got 42", "2 of 4 got 42", "3 of 4 got 42");
        }
    }

    @Test
    void groupsOfDifferentKeysDoNotMeet() throws InterruptedException {
        List<Integer> met = Ranks.succeed(4, task -> {
            Mesh mesh = ThreadMeshes.join("group " + task % 2, task / 2, 2, LONG);
            return mesh.broadcast(mesh.rank() == 0 ? new int[] {task} : null)[0];
        });
        assertThat(met).containsExactly(0, 1, 0, 1);
    }

    @Test
    void theDeadlineNamesTheRanksThatDidNotJoin() throws InterruptedException {
        List<Outcome<Mesh>> outcomes =
                Ranks.run(2, rank -> ThreadMeshes.join("lonely", 2 * rank, 4, Duration.ofMillis(200)));
        for (Outcome<Mesh> outcome : outcomes) {
            assertThat(outcome.error())
                    .isInstanceOf(MeshException.class)
                    // On a busy machine one of the two may itself come too late for the other.
                    .hasMessageMatching(
                            "ranks \\[(0, )?1, (2, )?3] of 4 did not join group lonely within 200 ms of rank [02]");
        }
    }

    @Test
    void anInterruptFailsTheGathering() throws InterruptedException {
        List<Outcome<Mesh>> outcomes = Ranks.run(1, rank -> {
            Thread.currentThread().interrupt();
            return ThreadMeshes.join("interrupted", 0, 2, LONG);
        });
        assertThat(outcomes.get(0).error())
                .isInstanceOf(MeshException.class)
                .hasMessageContaining("rank 0 was interrupted while it waited for ranks [1] of group interrupted")
                .hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void ranksThatDoNotFitAreRefused() throws InterruptedException {
        assertThatThrownBy(() -> ThreadMeshes.join("odd", 3, 3, LONG))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("rank 3 joins group odd, expected 0 to 2");
        Thread first = new Thread(() -> ThreadMeshes.join("odd", 0, 3, LONG));
        first.setUncaughtExceptionHandler((thread, error) -> {});
        first.start();
        while (ThreadMeshes.gathering() == 0) {
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> ThreadMeshes.join("odd", 0, 3, LONG)).hasMessageContaining("has joined already");
        assertThatThrownBy(() -> ThreadMeshes.join("odd", 1, 2, LONG))
                .hasMessageContaining("as one of 2, but others joined it as one of 3");
        first.interrupt();
        first.join();
    }
}
