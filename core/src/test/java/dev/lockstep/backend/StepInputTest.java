package dev.lockstep.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class StepInputTest {
    private static final Limits LIMITS = new Limits(40, 8, 12, 100, 4);

    @Property(tries = 200)
    void everythingTravels(@ForAll long seed) {
        StepInput sent = random(new Random(seed));
        StepInput received = new StepInput(LIMITS);
        received.decode(sent.encode());

        assertThat(received.hash()).isEqualTo(sent.hash());
        assertThat(received.number()).isEqualTo(1);
        assertThat(describe(received)).isEqualTo(describe(sent));
    }

    @Property(tries = 1000)
    void anyFlippedBitIsNoticed(@ForAll long seed) {
        Random random = new Random(seed);
        int[] message = random(random).encode();
        message[random.nextInt(message.length)] ^= 1 << random.nextInt(32);

        assertThatThrownBy(() -> new StepInput(LIMITS).decode(message))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leader");
    }

    @Test
    void stepsAreNumberedAndNoneMayBeMissed() {
        StepInput leader = random(new Random(1));
        StepInput follower = new StepInput(LIMITS);
        follower.decode(leader.encode());
        int[] second = leader.encode();
        int[] third = leader.encode();

        assertThatThrownBy(() -> follower.decode(third))
                .hasMessage("the leader sent step 3, expected 2: this rank missed or repeated a step");
        follower.decode(second);
        follower.decode(third);
        assertThat(follower.number()).isEqualTo(3);
    }

    @Test
    void aStepBeyondTheLimitsIsRefused() {
        StepInput leader = new StepInput(LIMITS);
        leader.clear();
        leader.tokens = 30;
        StepInput small = new StepInput(new Limits(20, 8, 12, 100, 4));

        assertThatThrownBy(() -> small.decode(leader.encode()))
                .hasMessageContaining("30 tokens")
                .hasMessageContaining("limit is 20");
    }

    @Test
    void otherMessagesAreRefused() {
        assertThatThrownBy(() -> new StepInput(LIMITS).decode(new int[] {7}))
                .hasMessageContaining("message of 1 ints is no step");
    }

    @Test
    void theHashSeesWhereAValueStands() {
        StepInput one = new StepInput(LIMITS);
        one.clear();
        one.copy(1, 2);
        StepInput other = new StepInput(LIMITS);
        other.clear();
        other.copy(2, 1);

        assertThat(one.hash()).isNotEqualTo(other.hash());
    }

    private static StepInput random(Random random) {
        StepInput step = new StepInput(LIMITS);
        step.clear();
        step.entry = random.nextBoolean() ? StepInput.Entry.ENCODE : StepInput.Entry.DECODE;
        step.sequences = 1 + random.nextInt(8);
        step.tokens = step.sequences + random.nextInt(30);
        step.outputRows = random.nextInt(12);
        step.candidates = 1 + random.nextInt(100);
        step.fullOutputs = random.nextBoolean();
        for (int t = 0; t < step.tokens; t++) {
            step.tokenIds[t] = random.nextInt();
            step.positions[t] = random.nextInt();
            step.tokenTypes[t] = random.nextInt();
            step.writeSlots[t] = random.nextInt();
        }
        step.queryOffsets[step.sequences] = step.tokens;
        for (int s = 0; s < step.sequences; s++) {
            step.keyLengths[s] = random.nextInt();
            step.crossLengths[s] = random.nextInt();
            step.blockTableOffsets[s + 1] = step.blockTableOffsets[s] + random.nextInt(10);
            step.crossTableOffsets[s + 1] = step.crossTableOffsets[s] + random.nextInt(10);
        }
        step.ensureTables(step.tableEntries(), step.crossEntries());
        Arrays.setAll(step.blockTables, i -> random.nextInt());
        Arrays.setAll(step.crossTables, i -> random.nextInt());
        for (int r = 0; r < step.outputRows; r++) {
            step.outputRowIndex[r] = random.nextInt();
            step.gumbelTemperature[r] = random.nextFloat();
            step.massTemperature[r] = random.nextFloat();
            step.seeds[r] = random.nextLong();
            step.sampleSteps[r] = random.nextInt();
        }
        for (int c = random.nextInt(20); c > 0; c--) {
            step.copy(random.nextInt(), random.nextInt());
        }
        return step;
    }

    private static String describe(StepInput step) {
        int s = step.sequences;
        int r = step.outputRows;
        return String.join(
                "\n",
                step.entry + " " + s + " " + step.tokens + " " + r + " " + step.candidates + " " + step.fullOutputs,
                head(step.tokenIds, step.tokens),
                head(step.positions, step.tokens),
                head(step.tokenTypes, step.tokens),
                head(step.writeSlots, step.tokens),
                head(step.queryOffsets, s + 1),
                head(step.keyLengths, s),
                head(step.blockTableOffsets, s + 1),
                head(step.blockTables, step.tableEntries()),
                head(step.crossLengths, s),
                head(step.crossTableOffsets, s + 1),
                head(step.crossTables, step.crossEntries()),
                head(step.copyFrom, step.copyCount),
                head(step.copyTo, step.copyCount),
                head(step.outputRowIndex, r),
                head(step.sampleSteps, r),
                Arrays.toString(Arrays.copyOf(step.gumbelTemperature, r)),
                Arrays.toString(Arrays.copyOf(step.massTemperature, r)),
                Arrays.toString(Arrays.copyOf(step.seeds, r)));
    }

    private static String head(int[] values, int count) {
        return Arrays.toString(Arrays.copyOf(values, count));
    }
}
