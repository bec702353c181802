package dev.lockstep.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import org.junit.jupiter.api.Test;

class HeapMeterTest {
    private static final int BYTES = 1 << 20;

    @Test
    void countsOtherThreadsToo() throws InterruptedException {
        SynchronousQueue<List<byte[]>> queue = new SynchronousQueue<>();
        CountDownLatch done = new CountDownLatch(1);
        Thread other = new Thread(() -> {
            try {
                queue.take().add(new byte[BYTES]);
                done.countDown();
                queue.take();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        other.start();
        HeapMeter meter = new HeapMeter();
        long before = meter.read();
        List<byte[]> arrays = new ArrayList<>();
        arrays.add(new byte[BYTES]);
        queue.put(arrays);
        done.await();

        assertThat(meter.read() - before).isGreaterThanOrEqualTo(2L * BYTES);
        assertThat(meter.isComplete()).isTrue();

        queue.put(arrays);
        other.join();
        meter.read();
        assertThat(meter.isComplete()).as("a thread has ended").isFalse();
    }

    @Test
    void noticesThreadsThatBegan() throws InterruptedException {
        HeapMeter meter = new HeapMeter();
        Thread other = new Thread(() -> {});
        other.start();
        other.join();

        meter.read();
        assertThat(meter.isComplete()).isFalse();
    }
}
