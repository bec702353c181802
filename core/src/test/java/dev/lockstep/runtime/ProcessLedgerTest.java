package dev.lockstep.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProcessLedgerTest {
    private final AtomicLong free = new AtomicLong(1000);
    private final ProcessLedger ledger = new ProcessLedger(free::get);

    @Test
    void aModelLeavesTheOthersWhatItMayNotHold() {
        assertThat(ledger.left()).isEqualTo(1000);
        ProcessLedger.Entry first = ledger.enter("first", 300);
        assertThat(ledger.left()).isEqualTo(700);
        ProcessLedger.Entry second = ledger.enter("second", 600);
        assertThat(ledger.left()).isEqualTo(100);
        first.close();
        first.close();
        assertThat(ledger.left()).isEqualTo(400);
        assertThat(ledger.held()).isEqualTo(600);
        second.close();
        assertThat(ledger.isEmpty()).isTrue();
    }

    /** What the first has not used yet still shows as free. */
    @Test
    void whatIsFreeNowCountsWhereItIsLess() {
        assertThat(ledger.left()).isEqualTo(1000);
        ProcessLedger.Entry first = ledger.enter("first", 300);
        free.set(950);
        assertThat(ledger.left()).isEqualTo(700);
        free.set(200);
        assertThat(ledger.left()).isEqualTo(200);
        first.close();
        free.set(5000);
        assertThat(ledger.left()).as("measured anew when no model is there").isEqualTo(5000);
    }

    @Test
    void nothingIsLeftWhereMoreIsHeldThanThereIs() {
        ledger.enter("greedy", 4000);
        assertThat(ledger.left()).isZero();
    }

    @Test
    void errorsNameTheHolders() {
        ledger.left();
        ledger.enter("/models/a", 100 << 20);
        ledger.enter("/models/b", 1 << 20);
        assertThat(ledger.described()).contains("/models/a 100.0 MiB", "/models/b 1.0 MiB");
    }
}
