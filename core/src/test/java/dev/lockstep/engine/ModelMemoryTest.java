package dev.lockstep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models in one process, loaded for real, with room for some of them. */
class ModelMemoryTest {
    private static final Path GOLDENS = Path.of("src/test/resources/goldens");
    private static final int TOKENS = 64;
    private static final int SEQUENCES = 16;
    /** A tiny model's least: the reserve, and a megabyte or two. */
    private static final long ROOM_FOR_ONE = StepSizes.RESERVE + (6L << 20);

    private static EngineOptions options(String family, int tp) {
        return new EngineOptions(GOLDENS.resolve(family).toString(), tp, "fp32", "max", 1, 0, TOKENS, SEQUENCES);
    }

    private static ModelMemory alone(long room) {
        return new ModelMemory(() -> room, () -> false);
    }

    private static long limits(LocalGroup group) {
        return group.sessions().stream()
                .mapToLong(rank -> rank.account().limit())
                .sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void allThatModelsMayEverHoldFitsTheRoom(int tp) {
        long room = 1L << 30;
        ModelMemory memory = alone(room);
        try (LocalGroup first = LocalGroup.open(options("llama", tp), false, memory)) {
            assertThat(memory.held()).isEqualTo(limits(first)).isLessThanOrEqualTo(room);
            try (LocalGroup second = LocalGroup.open(options("gpt2", 1), false, memory)) {
                assertThat(memory.held())
                        .isEqualTo(limits(first) + limits(second))
                        .isLessThanOrEqualTo(room);
                assertThat(blocks(first)).isPositive();
                assertThat(blocks(second)).isPositive();
            }
            assertThat(memory.held()).isEqualTo(limits(first));
        }
        assertThat(memory.held()).isZero();
    }

    private static int blocks(LocalGroup group) {
        return group.leader().stepRunner().limits().blocks();
    }

    @Test
    void aLaterModelGetsWhatIsLeftAndLessCache() {
        EngineOptions options = options("llama", 1);
        int wanted;
        try (LocalGroup group = LocalGroup.open(options, false, alone(1L << 30))) {
            wanted = blocks(group);
        }
        ModelMemory memory = alone(ROOM_FOR_ONE + 300 * (1L << 20));
        try (LocalGroup first = LocalGroup.open(options, false, memory);
                LocalGroup second = LocalGroup.open(options.withMemoryBudget(ROOM_FOR_ONE), false, memory)) {
            assertThat(blocks(first)).isEqualTo(wanted);
            assertThat(blocks(second)).isPositive();
            assertThat(second.leader().account().limit()).isLessThanOrEqualTo(ROOM_FOR_ONE);
        }
    }

    @Test
    void aModelForWhichNothingIsLeftIsToldWhoHoldsIt() {
        ModelMemory memory = alone(ROOM_FOR_ONE);
        try (LocalGroup first = LocalGroup.open(options("llama", 1), false, memory)) {
            assertThatThrownBy(() -> LocalGroup.open(options("gpt2", 1), false, memory))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll(
                            "rank 0 cannot hold the model",
                            GOLDENS.resolve("llama").toString(),
                            "for all models of this process",
                            "spark.lockstep.memoryBudget",
                            "spark.executor.memoryOverhead");
            assertThat(memory.held()).isEqualTo(limits(first));
        }
        LocalGroup.open(options("gpt2", 1), false, memory).close();
    }

    @Test
    void modelsThatNobodyUsesMakeRoomTheLongestUnusedFirst() {
        Deque<LocalGroup> idle = new ArrayDeque<>();
        ModelMemory memory = new ModelMemory(() -> 2 * ROOM_FOR_ONE, () -> {
            LocalGroup group = idle.poll();
            if (group != null) {
                group.close();
            }
            return group != null;
        });
        EngineOptions half = options("llama", 1).withMemoryBudget(ROOM_FOR_ONE);
        LocalGroup first = LocalGroup.open(half, false, memory);
        LocalGroup second = LocalGroup.open(half, false, memory);
        idle.add(first);
        idle.add(second);
        try (LocalGroup third = LocalGroup.open(options("gpt2", 1), false, memory)) {
            assertThat(idle).containsExactly(second);
            assertThat(memory.held()).isEqualTo(limits(second) + limits(third)).isLessThanOrEqualTo(2 * ROOM_FOR_ONE);
        } finally {
            second.close();
        }
    }

    @Test
    void whatCannotBeLoadedGivesItsPartBack() {
        ModelMemory memory = alone(ROOM_FOR_ONE);
        Reservation reservation = memory.reserve(options("llama", 1));
        assertThat(memory.held()).isEqualTo(reservation.options().memoryBudget());
        reservation.close();
        reservation.close();
        assertThat(memory.held()).isZero();
        assertThatThrownBy(() -> LocalGroup.open(options("no-such-model", 1), false, memory))
                .hasMessageContaining("no-such-model");
        assertThat(memory.held()).isZero();
    }

    @Test
    void aloneWhatWasAskedForIsGiven() {
        long asked = ROOM_FOR_ONE;
        try (Reservation reservation = alone(1).reserve(options("llama", 1).withMemoryBudget(asked))) {
            assertThat(reservation.options().memoryBudget()).isEqualTo(asked);
        }
    }

    @Test
    void groupsOfOneModelTakeEqualParts() {
        long room = 3 * (ROOM_FOR_ONE + (1L << 20));
        ModelMemory memory = alone(room);
        for (int group = 0; group < 3; group++) {
            long before = memory.held();
            memory.reserve(options("llama", 1), 3);
            assertThat(memory.held() - before).isBetween(StepSizes.RESERVE, room / 3);
        }
    }

    @Test
    void modelsThatComeAtOnceDoNotCountOnTheSameMemory() throws Exception {
        long room = 4 * ROOM_FOR_ONE;
        ModelMemory memory = alone(room);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Reservation>> tasks = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                tasks.add(() -> memory.reserve(options("llama", 1).withMemoryBudget(ROOM_FOR_ONE)));
            }
            for (Future<Reservation> reserved : threads.invokeAll(tasks)) {
                assertThat(reserved.get().options().memoryBudget()).isPositive();
            }
            assertThat(memory.held()).isPositive().isLessThanOrEqualTo(room);
        } finally {
            threads.shutdownNow();
        }
    }
}
