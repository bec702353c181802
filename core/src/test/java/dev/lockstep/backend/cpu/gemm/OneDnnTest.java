package dev.lockstep.backend.cpu.gemm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.Precision;
import dev.lockstep.backend.cpu.kernel.Activation;
import dev.lockstep.backend.cpu.kernel.Samples;
import dev.lockstep.backend.cpu.memory.Matrix;
import dev.lockstep.backend.cpu.memory.Memory;
import dev.lockstep.backend.cpu.memory.PanelSource;
import dev.lockstep.backend.cpu.memory.Slab;
import dev.lockstep.backend.cpu.memory.Workers;
import java.util.stream.IntStream;
import org.bytedeco.dnnl.global.dnnl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "no oneDNN library elsewhere")
class OneDnnTest {

    private static final int MAX_ROWS = 320;

    @ParameterizedTest
    @EnumSource(value = Precision.class, mode = EnumSource.Mode.EXCLUDE, names = "FP16")
    void productsUsedLongAgoMakeRoomForOthers(Precision precision) {
        MemoryAccount account = new MemoryAccount(Long.MAX_VALUE);
        try (OneDnnEngine engine = new OneDnnEngine(new Memory(account));
                Workers workers = new Workers(2);
                Samples samples = new Samples(1)) {
            float[] weight = samples.array(192 * 64);
            PanelSource source = (from, to, target) -> target.put(weight, from * 64, (to - from) * 64);
            Matrix x = samples.matrix(MAX_ROWS, 64);
            Matrix y = samples.matrix(MAX_ROWS, 192);
            Matrix again = samples.matrix(MAX_ROWS, 192);
            try (PackedWeight packed = engine.pack(192, 64, source, precision, null, workers, MAX_ROWS)) {
                packed.multiply(workers, x, 40, y, Activation.NONE);
                long one = account.beside();
                assertThat(one).isPositive();
                account.limitTo(account.held() + 3 * one);
                for (int round = 0; round < 2; round++) {
                    for (int rows = 1; rows <= 40; rows++) {
                        packed.multiply(workers, x, rows, again, Activation.NONE);
                        assertThat(account.beside()).isBetween(one, 3 * one);
                    }
                }
                for (int row = 0; row < 40; row++) {
                    for (int column = 0; column < 192; column++) {
                        assertThat(again.get(row, column)).isEqualTo(y.get(row, column));
                    }
                }
                account.limitTo(account.held());
                packed.multiply(workers, x, 40, again, Activation.NONE);
                assertThatThrownBy(() -> packed.multiply(workers, x, 41, again, Activation.NONE))
                        .isInstanceOf(OutOfMemoryException.class)
                        .hasMessageContainingAll("compiled products", "spark.lockstep.memoryBudget");
                packed.multiply(workers, x, 39, again, Activation.NONE);
                account.limitTo(account.held() + 3 * one);
                packed.multiply(workers, x, 41, again, Activation.NONE);
            }
        }
        assertThat(account.held()).isZero();
        assertThat(account.beside()).isZero();
    }

    @Test
    void aLibraryWithoutMemoryIsOutOfMemory() {
        assertThatThrownBy(() -> OneDnn.check(dnnl.dnnl_out_of_memory, "make a product"))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContainingAll("oneDNN", "make a product", "spark.lockstep.maxBatchTokens");
        assertThatThrownBy(() -> OneDnn.check(dnnl.dnnl_invalid_arguments, "make a product"))
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource(value = Precision.class, mode = EnumSource.Mode.EXCLUDE, names = "FP16")
    void neverPicksAReferenceImplementation(Precision precision) {
        int[] rowCounts = IntStream.concat(IntStream.rangeClosed(1, 70), IntStream.of(96, 128, 150, 192, 256, 319))
                .toArray();
        int[][] shapes = {{768, 192}, {67, 129}, {5, 31}, {1, 1}, {128, 1000}};
        long before = Slab.liveBytes();
        try (OneDnnEngine engine = new OneDnnEngine(Memory.UNCOUNTED);
                Workers workers = new Workers(2);
                Samples samples = new Samples(1)) {
            for (int[] shape : shapes) {
                float[] weight = samples.array(shape[0] * shape[1]);
                PanelSource source = (from, to, target) -> target.put(weight, from * shape[1], (to - from) * shape[1]);
                Matrix x = samples.matrix(MAX_ROWS, shape[1]);
                Matrix y = samples.matrix(MAX_ROWS, shape[0]);
                try (PackedWeight packed = engine.pack(
                        shape[0], shape[1], source, precision, samples.array(shape[0]), workers, MAX_ROWS)) {
                    assertThat(packed)
                            .isInstanceOf(precision == Precision.INT8 ? Int8Weight.class : OneDnnWeight.class);
                    for (int rows : rowCounts) {
                        packed.multiply(workers, x, rows, y, Activation.NONE);
                    }
                    for (Activation activation : Activation.values()) {
                        packed.multiply(workers, x, 1, y, activation);
                        packed.multiply(workers, x, 64, y, activation);
                    }
                    packed.multiplyAdd(workers, x, 1, y);
                    packed.multiplyAdd(workers, x, 64, y);
                }
            }
            assertThat(engine.implementations()).hasSizeGreaterThan(200).allSatisfy(name -> assertThat(name)
                    .doesNotContain("ref"));
        }
        assertThat(Slab.liveBytes()).isEqualTo(before);
    }

    @Test
    void aWeightBelongsToPoolsOfOneSize() {
        try (GemmEngine engine = new OneDnnEngine(Memory.UNCOUNTED);
                Workers one = new Workers(1);
                Workers two = new Workers(2);
                Samples samples = new Samples(1);
                PackedWeight packed = engine.pack(
                        8, 4, (from, to, target) -> target.put(new float[32]), Precision.FP32, null, one, 8)) {
            Matrix x = samples.matrix(1, 8);
            assertThatThrownBy(() -> packed.multiply(two, x, 1, x, Activation.NONE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("packed for 1 threads");
            assertThatThrownBy(() -> engine.pack(8, 4, (from, to, target) -> {}, Precision.FP32, null, two, 8))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("an engine per pool");
        }
    }

    @Test
    void severalRanksOfOneProcessMultiplyAtOnce() throws InterruptedException {
        Throwable[] failure = new Throwable[1];
        Thread[] ranks = new Thread[3];
        for (int rank = 0; rank < ranks.length; rank++) {
            int seed = rank;
            ranks[rank] = new Thread(() -> multiplyRepeatedly(seed));
            ranks[rank].setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
            ranks[rank].start();
        }
        for (Thread rank : ranks) {
            rank.join();
        }
        assertThat(failure[0]).isNull();
    }

    private static void multiplyRepeatedly(int seed) {
        try (GemmEngine engine = GemmEngines.open(Memory.UNCOUNTED);
                Workers workers = new Workers(2);
                Samples samples = new Samples(seed)) {
            float[] weight = samples.array(200 * 100);
            Matrix x = samples.matrix(20, 100);
            Matrix y = samples.matrix(20, 200);
            double[][] expected = GemmTest.product(x, weight, 20, 200, 100, Precision.FP32);
            try (PackedWeight packed = engine.pack(
                    200,
                    100,
                    (from, to, target) -> target.put(weight, from * 100, (to - from) * 100),
                    Precision.FP32,
                    null,
                    workers,
                    20)) {
                for (int i = 0; i < 200; i++) {
                    packed.multiply(workers, x, 1 + i % 20, y, Activation.NONE);
                    Samples.assertClose(y.get(i % 20, 199), expected[i % 20][199], 1e-5, "rank " + seed);
                }
            }
        }
    }
}
