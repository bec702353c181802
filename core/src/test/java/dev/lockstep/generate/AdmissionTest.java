package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Rows whose lengths are not known in a pool that does not hold all of them. */
class AdmissionTest {
    private static final int ROWS = 400;
    private static final int VOCABULARY = 40;

    /** Rows that end with one token of 40, so after about 40 tokens, many far earlier and some far later. */
    private static final GenerationOptions UNKNOWN = GenerationOptions.GREEDY.withMaxNewTokens(256);

    /** Where a block was all that running rows were left, rows were pushed out 445 times and 25,017 tokens run. */
    @Test
    void learntLengthsKeepRowsFromPushingEachOtherOut() {
        Work work = run(UNKNOWN, 16, 60);

        assertThat(work.stats.preemptions()).isLessThan(445 / 2);
        assertThat(work.tokens).isLessThan(25_017 * 9 / 10);
    }

    /** There, 31 times in 418 steps. */
    @Test
    void manyRowsTogetherStrayLess() {
        Work work = run(UNKNOWN, 64, 600);

        assertThat(work.stats.preemptions()).isLessThan(31 / 2);
        assertThat(work.stats.steps()).isLessThan(418 * 11 / 10);
    }

    /** There, 555 times and 29,833 tokens. */
    @Test
    void rowsWhoseLengthsAreKnownAreNeverPushedOut() {
        Work work = run(GenerationOptions.GREEDY.withMaxNewTokens(50).withIgnoreEos(true), 16, 60);

        assertThat(work.stats.preemptions()).isZero();
        assertThat(work.tokens).isEqualTo(ROWS * (3 + 49));
    }

    private record Work(GenerationStats stats, long tokens) {}

    private static Work run(GenerationOptions options, int slots, int blocks) {
        HashModel model = new HashModel(VOCABULARY);
        ModelTraits traits = new ModelTraits(
                ModelTraits.Kind.DECODER,
                VOCABULARY,
                List.of(1),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            requests.add(new Request(i, null, new int[] {i % VOCABULARY, i / VOCABULARY, 5}, options));
        }
        PagedHashModel runner = new PagedHashModel(model, new Limits(64, slots, slots, blocks, 4));
        Generator generator = new Generator(runner, traits, null);
        int[] done = new int[1];
        generator.run(new ListSource(requests, 0), completion -> done[0]++, () -> false);
        assertThat(done[0]).isEqualTo(ROWS);
        return new Work(generator.stats(), runner.tokens);
    }
}
