package dev.lockstep.backend.cpu.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void everyWorkerRunsEveryTaskOnce(int threads) {
        AtomicIntegerArray counts = new AtomicIntegerArray(threads);
        try (Workers workers = new Workers(threads)) {
            for (int i = 0; i < 2000; i++) {
                workers.run((worker, all) -> {
                    assertThat(all).isEqualTo(threads);
                    counts.incrementAndGet(worker);
                });
                if (i % 500 == 0) {
                    LockSupport.parkNanos(5_000_000); // lets the members park
                }
            }
        }
        for (int i = 0; i < threads; i++) {
            assertThat(counts.get(i)).isEqualTo(2000);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void anExceptionReachesTheCallerAndThePoolStaysUsable(int thrower) {
        try (Workers workers = new Workers(3)) {
            assertThatThrownBy(() -> workers.run((worker, all) -> {
                        if (worker == thrower) {
                            throw new IllegalArgumentException("from worker " + worker);
                        }
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("from worker " + thrower);
            AtomicIntegerArray counts = new AtomicIntegerArray(1);
            workers.run((worker, all) -> counts.incrementAndGet(0));
            assertThat(counts.get(0)).isEqualTo(3);
        }
    }

    @Test
    void smallWorkStaysOnTheCaller() {
        try (Workers workers = new Workers(2)) {
            Thread caller = Thread.currentThread();
            workers.run(
                    (worker, all) -> {
                        assertThat(all).isEqualTo(1);
                        assertThat(Thread.currentThread()).isSameAs(caller);
                    },
                    10);
        }
    }

    @Test
    void refusesUseAfterCloseAndNesting() {
        Workers workers = new Workers(2);
        assertThatThrownBy(() -> workers.run((worker, all) -> workers.run((inner, more) -> {})))
                .isInstanceOf(IllegalStateException.class);
        workers.close();
        assertThatThrownBy(() -> workers.run((worker, all) -> {})).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new Workers(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
