package dev.lockstep.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MemoryAccountTest {

    @Test
    void countsByPurposeAndKeepsThePeak() {
        MemoryAccount account = new MemoryAccount(100);
        account.take(60, "weights");
        account.take(30, "cache");
        account.giveBack(60, "weights");
        account.take(5, "cache");

        assertThat(account.held()).isEqualTo(35);
        assertThat(account.peak()).isEqualTo(90);
        assertThat(account.byPurpose()).isEqualTo(Map.of("cache", 35L));
        account.resetPeak();
        assertThat(account.peak()).isEqualTo(35);
    }

    @Test
    void whatLibrariesTakeCountsAgainstTheLimitAlone() {
        MemoryAccount account = new MemoryAccount(100);
        account.take(60, "weights");
        account.takeBeside(30, "compiled products");

        assertThat(account.held()).isEqualTo(60);
        assertThat(account.peak()).isEqualTo(60);
        assertThat(account.beside()).isEqualTo(30);
        assertThat(account.left()).isEqualTo(10);
        assertThat(account.byPurpose()).isEqualTo(Map.of("weights", 60L, "compiled products", 30L));
        assertThatThrownBy(() -> account.take(11, "cached keys"))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContaining("90 of 100 bytes are held (compiled products 30, weights 60)");
        assertThatThrownBy(() -> account.takeBeside(11, "compiled products")).isInstanceOf(OutOfMemoryException.class);
        account.giveBackBeside(30, "compiled products");
        account.take(40, "cached keys");
        assertThat(account.beside()).isZero();
        account.limitTo(90);
        assertThat(account.left()).isEqualTo(-10);
    }

    @Test
    void nothingIsTakenPastTheLimit() {
        MemoryAccount account = new MemoryAccount(100);
        account.take(60, "weights");

        assertThatThrownBy(() -> account.take(41, "cached keys"))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessageContainingAll(
                        "cached keys of 41 bytes",
                        "60 of 100 bytes are held (weights 60)",
                        "spark.lockstep.memoryBudget",
                        "spark.lockstep.maxBatchTokens");
        assertThat(account.held()).isEqualTo(60);
        account.take(40, "cached keys");
        account.limitTo(101);
        account.take(1, "cached keys");
        assertThat(account.held()).isEqualTo(101);
    }
}
