package dev.lockstep.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BlockBudgetTest {
    private static final long GIB = 1L << 30;

    @Test
    void blocksAreWhatFitsBesideAllElse() {
        BlockBudget budget = new BlockBudget(10 * GIB, 4 * GIB, GIB, GIB / 2, GIB / 2, 1000, 1 << 30);

        assertThat(budget.free()).isEqualTo(4 * GIB);
        assertThat(budget.blocks()).isEqualTo((int) (4 * GIB / 1000));
        assertThat(new BlockBudget(10 * GIB, 4 * GIB, GIB, 0, 0, 1000, 7).blocks())
                .isEqualTo(7);
    }

    @Test
    void aRankThatStoresNothingHoldsWhatIsWanted() {
        assertThat(new BlockBudget(GIB, 0, 0, 0, 0, 0, 50).blocks()).isEqualTo(50);
    }

    @Test
    void withWhatIsUsefulAllBlocksThatAreWantedFit() {
        BlockBudget tight = new BlockBudget(GIB, 100, 200, 300, 400, 1000, 50);
        assertThat(tight.useful()).isEqualTo(100 + 200 + 300 + 400 + 50 * 1000);
        BlockBudget just = new BlockBudget(tight.useful(), 100, 200, 300, 400, 1000, 50);
        assertThat(just.fits(50)).isTrue();
        assertThat(new BlockBudget(tight.useful() - 1, 100, 200, 300, 400, 1000, 50).fits(50))
                .isFalse();
    }

    @Test
    void whatDoesNotFitIsSaidWithEveryTermAndTheSettings() {
        BlockBudget tooLarge = new BlockBudget(4 * GIB, 5 * GIB, GIB / 4, GIB / 8, GIB / 8, 1000, 50);
        BlockBudget tooFew = new BlockBudget(4 * GIB, 4 * GIB - 7000, 0, 0, 0, 1000, 50);

        assertThatThrownBy(() -> tooLarge.require(8, 3))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll(
                        "rank 3",
                        "budget 4.000 GiB - weights 5.000 GiB - activations 256.0 MiB - work buffers 128.0 MiB"
                                + " - reserve 128.0 MiB = -1.500 GiB",
                        "spark.lockstep.memoryBudget",
                        "spark.executor.memoryOverhead",
                        "spark.lockstep.maxBatchTokens",
                        "bf16",
                        "tp");
        assertThatThrownBy(() -> tooFew.require(8, 0)).hasMessageContaining("7 blocks of 1000 bytes; 8 blocks");
        assertThatCode(() -> tooFew.require(7, 0)).doesNotThrowAnyException();
    }
}
