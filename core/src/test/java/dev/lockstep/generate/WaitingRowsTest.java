package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import dev.lockstep.graph.Reach;
import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WaitingRowsTest {
    private static final ModelTraits TRAITS = new ModelTraits(
            ModelTraits.Kind.DECODER,
            300,
            List.of(1),
            List.of(),
            OptionalInt.empty(),
            OptionalInt.empty(),
            OptionalInt.empty());

    @Test
    void theLongestComeFirstAndNeighboursTogether() {
        WaitingRows waiting = new WaitingRows(10, 2);
        waiting.add(row(0, 5, 5, 9), 3);
        waiting.add(row(1, 6, 6, 9), 9);
        waiting.add(row(2, 5, 5, 8), 7);
        waiting.add(row(3, 6, 6, 8), 1);

        assertThat(drain(waiting)).containsExactly(1L, 3L, 2L, 0L);
    }

    @Test
    void aWindowOfOneKeepsTheOrderOfArrival() {
        WaitingRows waiting = new WaitingRows(1, 0);
        waiting.add(row(0, 5), 3);
        waiting.add(row(1, 5), 9);
        Row preempted = row(2, 5);
        waiting.addPreempted(preempted);

        assertThat(drain(waiting)).containsExactly(2L, 0L, 1L);
    }

    /** However sizes, beginnings and refusals fall: few start between a row's arrival and its own start. */
    @Seeds(300)
    void noRowIsPassedOverForLong(long seed) {
        Random random = new Random(seed);
        int window = 1 + random.nextInt(20);
        WaitingRows waiting = new WaitingRows(window, 1);
        Map<Long, Integer> startedAtArrival = new HashMap<>();
        int started = 0;
        for (long id = 0; id < 200; ) {
            if (waiting.size() < window) {
                startedAtArrival.put(id, started);
                // Growing rows are the worst: each newcomer is longer than all that wait.
                waiting.add(row(id, random.nextInt(3), 2), random.nextBoolean() ? id : random.nextInt(200));
                id++;
                continue;
            }
            boolean refuses = random.nextInt(4) == 0;
            Row row = waiting.next((candidate, due) -> !refuses || random.nextInt(3) > 0);
            if (row != null) {
                assertThat(started - startedAtArrival.get(row.prompt.id())).isLessThanOrEqualTo(2 * window - 1);
                started++;
            }
        }
    }

    /**
     * Outputs with lengths of a log-normal distribution, known beforehand, 16 at a time: in order of arrival the last long
     * ones run almost alone. The least steps there can be are all tokens by 16: 3,234. Order of arrival takes 4,327, a
     * window of 64 rows 4,094, one of all rows 3,242.
     */
    @Test
    void longRowsDoNotRunAloneAtTheEnd() {
        long fifo = 0;
        long packed = 0;
        long least = 0;
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            List<Request> requests = new ArrayList<>();
            int tokens = 0;
            for (int i = 0; i < 200; i++) {
                int length = (int) Math.max(1, Math.min(200, Math.exp(3.5 + random.nextGaussian())));
                tokens += length;
                requests.add(new Request(
                        i,
                        null,
                        new int[] {2, i, 3},
                        GenerationOptions.GREEDY.withMaxNewTokens(length).withIgnoreEos(true)));
            }
            fifo += steps(requests, 1);
            packed += steps(requests, 64);
            least += tokens / 16;
        }
        assertThat(fifo - packed).isGreaterThan((fifo - least) / 5);
    }

    private static int steps(List<Request> requests, int window) {
        HashModel model = new HashModel(300);
        PagedHashModel runner = new PagedHashModel(model, new Limits(64, 16, 16, 2000, 16));
        new Generator(runner, TRAITS, null, Batching.PLAIN.withWindow(window))
                .run(new ListSource(requests, 0), completion -> {}, () -> false);
        return runner.steps;
    }

    private static List<Long> drain(WaitingRows waiting) {
        List<Long> order = new ArrayList<>();
        while (!waiting.isEmpty()) {
            order.add(waiting.next((row, due) -> true).prompt.id());
        }
        return order;
    }

    private static Row row(long id, int... tokens) {
        Sample sample = Sample.of(tokens, GenerationOptions.GREEDY, TRAITS, List.of(Reach.ALL), null, null, null);
        return new SampledRow(new Prompt(id, null, tokens), GenerationOptions.GREEDY, List.of(sample));
    }
}
