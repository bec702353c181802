package dev.lockstep.backend.cpu.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.MemoryAccount;
import dev.lockstep.backend.OutOfMemoryException;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SlabTest {

    @Test
    void isZeroedAlignedAndCounted() {
        long before = Slab.liveBytes();
        try (Slab slab = Memory.UNCOUNTED.floats(1001, "test")) {
            assertThat(Slab.liveBytes() - before).isEqualTo(4004);
            assertThat(slab.byteSize()).isEqualTo(4004);
            assertThat(slab.address() % 64).isZero();
            assertThat(slab.bytes().order()).isEqualTo(ByteOrder.nativeOrder());
            for (int i = 0; i < 1001; i++) {
                assertThat(slab.get(i)).isZero();
            }
            slab.set(1000, 2.5f);
            assertThat(slab.bytes().getFloat(4000)).isEqualTo(2.5f);
        }
        assertThat(Slab.liveBytes()).isEqualTo(before);
    }

    @Test
    void doesNotCountAgainstTheLimitOfDirectBuffers() {
        // More than the JVM's default limit (its heap) in slabs that are never touched.
        Slab[] slabs = new Slab[8];
        for (int i = 0; i < slabs.length; i++) {
            slabs[i] = Memory.UNCOUNTED.allocate(Slab.MAX_BYTES, "test");
        }
        for (Slab slab : slabs) {
            slab.set(0, 1f);
            slab.close();
        }
    }

    @Test
    void slabsAreInTheAccountOfTheirMemory() throws InterruptedException {
        MemoryAccount account = new MemoryAccount(4096);
        Memory memory = new Memory(account);
        Slab first = memory.allocate(1000, "weights");
        Thread other = new Thread(() -> memory.allocate(500, "scratch").close());
        other.start();
        other.join();
        Slab foreign = Memory.UNCOUNTED.allocate(8000, "another's");

        assertThat(account.byPurpose()).isEqualTo(Map.of("weights", 1000L));
        assertThat(account.peak()).isEqualTo(1500);
        first.close();
        first.close();
        foreign.close();
        assertThat(account.held()).isZero();
    }

    @Test
    void anAccountsLimitHoldsForSlabs() {
        Memory memory = new Memory(new MemoryAccount(100));
        assertThatThrownBy(() -> memory.allocate(101, "the arena"))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("the arena of 101 bytes");
    }

    @Test
    void useAfterCloseIsAnError() {
        Slab slab = Memory.UNCOUNTED.floats(16, "the arena");
        slab.close();
        slab.close();
        assertThatThrownBy(() -> slab.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(slab::bytes)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the arena");
        assertThatThrownBy(slab::address).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesSizesOutOfRange() {
        assertThatThrownBy(() -> Memory.UNCOUNTED.allocate(Slab.MAX_BYTES + 1L, "weights"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weights");
        assertThatThrownBy(() -> Memory.UNCOUNTED.allocate(-1, "weights")).isInstanceOf(IllegalArgumentException.class);
    }
}
