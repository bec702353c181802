package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.backend.Limits;
import dev.lockstep.graph.Reach;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows with a common system prompt: it is computed once, and the texts stay those of each row alone. */
class PrefixSharingTest {
    private static final int SYSTEM = 50;
    private static final int BLOCK = 4;
    private static final int ROWS = 20;
    private static final GenerationOptions OPTIONS =
            GenerationOptions.GREEDY.withMaxNewTokens(10).withIgnoreEos(true);

    @Test
    void aSystemPromptIsComputedOnce() {
        HashModel model = new HashModel(300);
        PagedHashModel runner = new PagedHashModel(model, new Limits(64, 8, 8, 400, BLOCK));
        Generator generator = new Generator(runner, decoder(), null, Batching.PLAIN.withPrefixes(true));

        check(model, run(generator, requests(1)), requests(1));

        assertThat(generator.stats().sharedTokens()).isEqualTo((ROWS - 1) * (SYSTEM / BLOCK * BLOCK));
        assertThat(generator.stats().preemptions()).isZero();
    }

    @Test
    void itIsHeldOnceToo() {
        HashModel model = new HashModel(300);
        // 8 rows at once need 8 * 17 blocks, or 12 shared ones and 5 for each.
        Limits limits = new Limits(512, 8, 8, 12 + 8 * 5, BLOCK);
        for (boolean shared : new boolean[] {true, false}) {
            PagedHashModel runner = new PagedHashModel(model, limits);
            Generator generator = new Generator(runner, decoder(), null, Batching.PLAIN.withPrefixes(shared));
            check(model, run(generator, requests(1)), requests(1));
            // The first row begins alone; then 8 run at a time and never wait for blocks.
            if (shared) {
                assertThat(runner.steps).isLessThanOrEqualTo(2 + 3 * 10);
            } else {
                assertThat(generator.stats().sharedTokens()).isZero();
                assertThat(runner.steps).isGreaterThan(60);
            }
        }
    }

    @Test
    void windowsAreSharedAsLongAsTheirBlocksAreThere() {
        HashModel model = new HashModel(300, List.of(Reach.ALL, Reach.window(10), Reach.chunk(16)));
        Limits limits = new Limits(64, 8, 8, 400, BLOCK, model.groups);
        for (int chunk : new int[] {64, 7}) {
            PagedHashModel runner = new PagedHashModel(model, limits);
            Generator generator = new Generator(runner, decoder(), null, new Batching(chunk, true, 1));

            check(model, run(generator, requests(1)), requests(1));

            assertThat(generator.stats().sharedTokens())
                    .as("in chunks of %d", chunk)
                    .isEqualTo((ROWS - 1) * (SYSTEM / BLOCK * BLOCK));
        }
    }

    @Test
    void severalSystemPromptsInTurnAreComputedOnceEachInAWindow() {
        HashModel model = new HashModel(300);
        // The pool does not hold the blocks of all four beside two rows, so neighbours matter.
        Limits limits = new Limits(64, 2, 2, 2 * 17 + 4, BLOCK);
        long[] shared = new long[2];
        for (int window : new int[] {1, ROWS}) {
            PagedHashModel runner = new PagedHashModel(model, limits);
            Generator generator = new Generator(runner, decoder(), null, new Batching(1000, true, window));
            check(model, run(generator, requests(4)), requests(4));
            shared[window == 1 ? 0 : 1] = generator.stats().sharedTokens();
        }

        assertThat(shared[1]).isGreaterThan(2 * shared[0]).isGreaterThan((ROWS - 8) * 48L);
    }

    @Test
    void aRowThatWasPreemptedFindsWhatIsLeftOfIt() {
        HashModel model = new HashModel(300);
        Limits limits = new Limits(64, 8, 8, 30, BLOCK);
        List<Request> requests = new ArrayList<>();
        GenerationOptions unknown = GenerationOptions.GREEDY.withMaxNewTokens(60);
        for (int i = 0; i < 8; i++) {
            requests.add(new Request(i, null, new int[] {i, 2, 3}, unknown));
        }
        PagedHashModel runner = new PagedHashModel(model, limits);
        Generator generator = new Generator(runner, decoder(), null, Batching.PLAIN.withPrefixes(true));

        check(model, run(generator, requests), requests);

        assertThat(generator.stats().preemptions()).isPositive();
        assertThat(generator.stats().sharedTokens()).isPositive();
    }

    @Test
    void decodersOfDifferentSourcesShareNothing() {
        HashModel model = new HashModel(300);
        ModelTraits traits = new ModelTraits(
                ModelTraits.Kind.ENCODER_DECODER,
                300,
                List.of(1),
                List.of(7, 8, 9, 10, 11, 12),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
        PagedHashModel runner = new PagedHashModel(model, new Limits(64, 8, 8, 400, BLOCK));
        Generator generator = new Generator(runner, traits, null, Batching.PLAIN.withPrefixes(true));

        run(generator, requests(1));

        assertThat(generator.stats().sharedTokens()).isZero();
    }

    private static List<Request> requests(int prompts) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            IntStream system = new Random(i % prompts).ints(SYSTEM, 0, 300);
            IntStream own = new Random(100 + i).ints(1 + i % 7, 0, 300);
            requests.add(new Request(i, null, IntStream.concat(system, own).toArray(), OPTIONS));
        }
        return requests;
    }

    private static Completion[] run(Generator generator, List<Request> requests) {
        Completion[] completions = new Completion[requests.size()];
        generator.run(
                new ListSource(requests, 0),
                completion -> completions[(int) completion.id()] = completion,
                () -> false);
        return completions;
    }

    private static void check(HashModel model, Completion[] completions, List<Request> requests) {
        NaiveGeneration naive = new NaiveGeneration(model, decoder());
        for (int i = 0; i < completions.length; i++) {
            Request request = requests.get(i);
            assertThat(completions[i].tokenIds())
                    .as("row %d", i)
                    .isEqualTo(naive.generate(null, request.tokenIds(), request.options())
                            .tokens());
        }
    }

    private static ModelTraits decoder() {
        return new ModelTraits(
                ModelTraits.Kind.DECODER,
                300,
                List.of(1),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }
}
