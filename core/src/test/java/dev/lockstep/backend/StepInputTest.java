package dev.lockstep.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.graph.EntryPoint;
import dev.lockstep.graph.Reach;
import dev.lockstep.testing.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StepInputTest {
    private static final Limits LIMITS =
            new Limits(40, 8, 12, 100, 4, List.of(Reach.ALL, Reach.window(7), Reach.chunk(5)), 2);

    @Seeds(200)
    void everythingTravels(long seed) {
        StepInput sent = random(new Random(seed));
        StepInput received = new StepInput(LIMITS);
        received.decode(sent.encode());

        assertThat(received.hash()).isEqualTo(sent.hash());
        assertThat(received.number()).isEqualTo(1);
        assertThat(describe(received)).isEqualTo(describe(sent));
    }

    /** A short step after a long one: nothing is left of the long one. */
    @Seeds(100)
    void messagesTakeEachOthersPlace(long seed) {
        StepInput leader = random(new Random(seed));
        StepInput follower = new StepInput(LIMITS);
        int[] first = leader.encode();
        follower.decode(first);
        leader.clear();
        leader.tokens = 1;
        leader.tokenIds[0] = 17;

        int[] second = leader.encode();
        follower.decode(second);

        assertThat(second).isSameAs(first);
        assertThat(describe(follower)).isEqualTo(describe(leader));
    }

    @Seeds(1000)
    void anyFlippedBitIsNoticed(long seed) {
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
        int[] second = leader.encode().clone();
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
        StepInput small = new StepInput(new Limits(20, 8, 12, 100, 4, LIMITS.groups(), 2));

        assertThatThrownBy(() -> small.decode(leader.encode()))
                .hasMessageContaining("30 tokens")
                .hasMessageContaining("limit is 20");
    }

    @Test
    void aStepForOtherGroupsOfCachesIsRefused() {
        StepInput leader = new StepInput(LIMITS);
        leader.clear();

        assertThatThrownBy(() -> new StepInput(new Limits(40, 8, 12, 100, 4)).decode(leader.encode()))
                .hasMessageContaining("3 groups")
                .hasMessageContaining("has 1");
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

    @Test
    void rowsInTheSameStateShareAMask() {
        StepInput step = new StepInput(LIMITS);
        step.clear();
        int[] mask = {1, 2};
        int[] other = {1, 2};
        for (int row = 0; row < 3; row++) {
            step.rules.begin(row);
            step.rules.mask(row, row == 1 ? other : mask);
        }

        assertThat(step.rules.masks).isEqualTo(2);
        assertThat(step.rules.maskOf).startsWith(0, 1, 0);
    }

    private static StepInput random(Random random) {
        StepInput step = new StepInput(LIMITS);
        step.clear();
        step.entry = random.nextBoolean() ? EntryPoint.ENCODE : EntryPoint.DECODE;
        step.sequences = 1 + random.nextInt(8);
        step.tokens = step.sequences + random.nextInt(30);
        step.outputRows = random.nextInt(12);
        step.candidates = 1 + random.nextInt(100);
        step.fullOutputs = random.nextBoolean();
        step.plain = random.nextBoolean();
        step.repeated = random.nextBoolean();
        step.alternatives = random.nextInt(5);
        step.pooling = Pooling.values()[random.nextInt(Pooling.values().length)];
        for (int t = 0; t < step.tokens; t++) {
            step.tokenIds[t] = random.nextInt();
            step.positions[t] = random.nextInt();
            step.tokenTypes[t] = random.nextInt();
        }
        step.queryOffsets[step.sequences] = step.tokens;
        for (int s = 0; s < step.sequences; s++) {
            step.keyLengths[s] = random.nextInt();
            step.crossLengths[s] = random.nextInt();
        }
        for (AxisRows axis : step.further) {
            for (int row = random.nextInt(40); row > 0; row--) {
                axis.add(random.nextInt(), random.nextInt(), random.nextInt());
            }
            Arrays.setAll(axis.offsets, i -> random.nextInt());
        }
        for (StepTables tables : step.groups) {
            fill(tables, step, random);
        }
        fill(step.cross, step, random);
        for (int r = 0; r < step.outputRows; r++) {
            step.outputRowIndex[r] = random.nextInt();
            step.gumbelTemperature[r] = random.nextFloat();
            step.massTemperature[r] = random.nextFloat();
            step.nucleusTemperature[r] = random.nextDouble();
            step.topP[r] = random.nextDouble();
            step.minP[r] = random.nextDouble();
            step.typicalP[r] = random.nextDouble();
            step.seeds[r] = random.nextLong();
            step.sampleSteps[r] = random.nextInt();
            step.entropy[r] = random.nextBoolean();
            step.normalised[r] = random.nextBoolean();
            rules(step.rules, r, random);
        }
        for (int c = random.nextInt(20); c > 0; c--) {
            step.copy(random.nextInt(), random.nextInt());
        }
        return step;
    }

    private static void rules(LogitRules rules, int row, Random random) {
        rules.begin(row);
        for (int e = random.nextInt(6); e > 0; e--) {
            rules.add(row, random.nextInt(), random.nextFloat(), random.nextFloat(), random.nextFloat());
        }
        if (random.nextBoolean()) {
            rules.mask(row, random.ints(3).toArray());
        }
    }

    private static void fill(StepTables tables, StepInput step, Random random) {
        tables.entries = random.nextInt(80);
        tables.ensure(tables.entries);
        Arrays.setAll(tables.blocks, i -> random.nextInt());
        Arrays.setAll(tables.starts, i -> random.nextInt());
        Arrays.setAll(tables.writeSlots, i -> random.nextInt());
    }

    /** Rows write to the groups' caches in a decode step, to the cross-attention's in an encode step. */
    private static String describe(StepTables tables, StepInput step, EntryPoint writing) {
        return head(tables.starts, step.sequences)
                + head(tables.blocks, tables.entries)
                + head(tables.writeSlots, step.entry == writing ? step.tokens : 0);
    }

    private static String describe(AxisRows axis, int sequences) {
        return head(axis.tokenIds, axis.rows)
                + head(axis.positions, axis.rows)
                + head(axis.tokenTypes, axis.rows)
                + head(axis.offsets, sequences + 1);
    }

    private static String describe(StepInput step) {
        int s = step.sequences;
        int r = step.outputRows;
        return String.join(
                "\n",
                step.entry + " " + s + " " + step.tokens + " " + r + " " + step.candidates + " " + step.fullOutputs
                        + " " + step.plain + " " + step.repeated + " " + step.alternatives + " " + step.pooling,
                head(step.tokenIds, step.tokens),
                head(step.positions, step.tokens),
                head(step.tokenTypes, step.tokens),
                head(step.queryOffsets, s + 1),
                head(step.keyLengths, s),
                describe(step.further[0], s),
                describe(step.further[1], s),
                describe(step.groups[0], step, EntryPoint.DECODE),
                describe(step.groups[1], step, EntryPoint.DECODE),
                describe(step.groups[2], step, EntryPoint.DECODE),
                head(step.crossLengths, s),
                describe(step.cross, step, EntryPoint.ENCODE),
                head(step.copyFrom, step.copyCount),
                head(step.copyTo, step.copyCount),
                head(step.outputRowIndex, r),
                head(step.sampleSteps, r),
                Arrays.toString(Arrays.copyOf(step.gumbelTemperature, r)),
                Arrays.toString(Arrays.copyOf(step.massTemperature, r)),
                Arrays.toString(Arrays.copyOf(step.nucleusTemperature, r)),
                Arrays.toString(Arrays.copyOf(step.topP, r)),
                Arrays.toString(Arrays.copyOf(step.minP, r)),
                Arrays.toString(Arrays.copyOf(step.typicalP, r)),
                Arrays.toString(Arrays.copyOf(step.seeds, r)),
                Arrays.toString(Arrays.copyOf(step.entropy, r)),
                Arrays.toString(Arrays.copyOf(step.normalised, r)),
                describe(step.rules, r));
    }

    private static String describe(LogitRules rules, int rows) {
        int e = rules.entries;
        return head(rules.from, rows)
                + head(rules.to, rows)
                + head(rules.maskOf, rows)
                + head(rules.tokens, e)
                + Arrays.toString(Arrays.copyOf(rules.bias, e))
                + Arrays.toString(Arrays.copyOf(rules.penalty, e))
                + Arrays.toString(Arrays.copyOf(rules.offset, e))
                + rules.maskWords
                + head(rules.maskBits, rules.masks * rules.maskWords);
    }

    private static String head(int[] values, int count) {
        return Arrays.toString(Arrays.copyOf(values, count));
    }
}
