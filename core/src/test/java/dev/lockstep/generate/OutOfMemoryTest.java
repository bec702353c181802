package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.StepInput;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Steps that run out of memory: they are run again in parts, and every row gets the text it gets alone. */
class OutOfMemoryTest {

    /** A machine that has memory for so many tokens of a step; others fail before or after what they do. */
    private static final class Short implements StepRunner {
        final PagedHashModel machine;
        final Random random;
        int most;
        int failures;
        int largest;

        Short(PagedHashModel machine, int most, Random random) {
            this.machine = machine;
            this.most = most;
            this.random = random;
        }

        @Override
        public Limits limits() {
            return machine.limits();
        }

        @Override
        public StepInput input() {
            return machine.input();
        }

        @Override
        public StepOutput run() {
            if (input().tokens <= most) {
                largest = Math.max(largest, input().tokens);
                return machine.run();
            }
            failures++;
            if (random.nextBoolean()) {
                machine.run();
            }
            throw new OutOfMemoryException("no memory for " + input().tokens + " tokens");
        }
    }

    @Seeds(300)
    void nothingIsLost(long seed) {
        Random random = new Random(seed);
        boolean encodes = random.nextInt(3) == 0;
        HashModel model = new HashModel(50);
        ModelTraits traits = new ModelTraits(
                encodes ? ModelTraits.Kind.ENCODER_DECODER : ModelTraits.Kind.DECODER,
                50,
                List.of(3),
                encodes ? List.of(1, 4) : List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
        int blockSize = 1 + random.nextInt(4);
        Limits limits = new Limits(40, 8, 8, (60 + random.nextInt(200)) / blockSize, blockSize);
        int longest = 9;
        Short runner = new Short(new PagedHashModel(model, limits), longest + random.nextInt(20), random);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            GenerationOptions options = new GenerationOptions(
                    1 + random.nextInt(20),
                    0,
                    0,
                    1,
                    1 + random.nextInt(3),
                    1,
                    false,
                    0,
                    random.nextBoolean(),
                    List.of());
            int[] prompt = random.ints(1 + random.nextInt(longest), 0, 50).toArray();
            requests.add(new Request(i, null, prompt, options));
        }
        Batching batching = new Batching(1000, random.nextBoolean(), 1 + random.nextInt(4));
        Completion[] completions = new Completion[requests.size()];
        new Generator(runner, traits, null, batching)
                .run(
                        new ListSource(requests, 0),
                        completion -> completions[(int) completion.id()] = completion,
                        () -> false);

        NaiveGeneration naive = new NaiveGeneration(model, traits);
        for (Request request : requests) {
            Completion completion = completions[(int) request.id()];
            int[] start = encodes ? new int[] {1, 4} : request.tokenIds();
            int[] source = encodes ? request.tokenIds() : null;
            assertThat(completion.error()).isNull();
            assertThat(completion.tokenIds())
                    .isEqualTo(naive.generate(source, start, request.options()).tokens());
        }
    }

    @Test
    void stepsGrowAgainOnceThereIsMemory() {
        HashModel model = new HashModel(50);
        Short runner = new Short(new PagedHashModel(model, new Limits(64, 32, 32, 4000, 4)), 10, new Random(1));
        List<Request> requests = new ArrayList<>();
        GenerationOptions options =
                GenerationOptions.GREEDY.withMaxNewTokens(100).withIgnoreEos(true);
        for (int i = 0; i < 200; i++) {
            requests.add(new Request(i, null, new int[] {i % 50, i / 50}, options));
        }
        int[] done = new int[1];
        new Generator(runner, decoder(), null)
                .run(
                        new ListSource(requests, 0),
                        completion -> {
                            if (++done[0] == 20) {
                                assertThat(runner.largest).isLessThanOrEqualTo(10);
                                runner.most = 64;
                            }
                        },
                        () -> false);

        assertThat(done[0]).isEqualTo(200);
        assertThat(runner.largest).isGreaterThanOrEqualTo(32);
        assertThat(runner.failures).isLessThan(20);
    }

    @Test
    void aStepOfOneTokenThatFailsIsTheEnd() {
        HashModel model = new HashModel(50);
        Short runner = new Short(new PagedHashModel(model, new Limits(64, 8, 8, 100, 4)), 0, new Random(1));
        List<Request> requests = List.of(new Request(0, null, new int[] {1, 2, 3, 4, 5}, GenerationOptions.GREEDY));

        assertThatThrownBy(() -> new Generator(runner, decoder(), null)
                        .run(new ListSource(requests, 0), completion -> {}, () -> false))
                .isInstanceOf(OutOfMemoryException.class)
                .hasMessage("no memory for 1 tokens");
    }

    private static ModelTraits decoder() {
        return new ModelTraits(
                ModelTraits.Kind.DECODER,
                50,
                List.of(3),
                List.of(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty());
    }
}
