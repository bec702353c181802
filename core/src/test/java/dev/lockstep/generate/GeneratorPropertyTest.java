package dev.lockstep.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.backend.Limits;
import dev.lockstep.graph.Reach;
import dev.lockstep.testing.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;

/** Whatever is batched together, pre-empted or chunked: each row's completion is that of the row alone. */
class GeneratorPropertyTest {

    @Seeds(200)
    void decodersGenerateWhatTheNaiveLoopGenerates(long seed) {
        check(new Random(seed), ModelTraits.Kind.DECODER, false);
    }

    @Seeds(200)
    void encoderDecodersGenerateWhatTheNaiveLoopGenerates(long seed) {
        check(new Random(seed), ModelTraits.Kind.ENCODER_DECODER, false);
    }

    @Seeds(100)
    void beamSearchesFindWhatTheNaiveSearchFinds(long seed) {
        Random random = new Random(seed);
        check(random, random.nextBoolean() ? ModelTraits.Kind.DECODER : ModelTraits.Kind.ENCODER_DECODER, true);
    }

    private static void check(Random random, ModelTraits.Kind kind, boolean beams) {
        // 300 is more than a nucleus starts with; with 5 a beam search runs out of tokens.
        HashModel model = new HashModel(new int[] {5, 37, 300}[random.nextInt(3)], groups(random));
        ModelTraits traits = new ModelTraits(
                kind,
                model.vocabulary,
                random.nextBoolean() ? List.of(3) : List.of(3, 0, 2, 20),
                kind == ModelTraits.Kind.DECODER ? List.of() : random.nextBoolean() ? List.of(1) : List.of(1, 4),
                OptionalInt.empty(),
                random.nextInt(4) == 0 ? OptionalInt.of(20) : OptionalInt.empty(),
                OptionalInt.empty());
        int blockSize = 1 + random.nextInt(5);
        Limits limits = new Limits(
                1 + random.nextInt(40),
                1 + random.nextInt(8),
                1 + random.nextInt(8),
                (4 + random.nextInt(60)) / blockSize + 1,
                blockSize,
                model.groups);
        List<Request> requests = new ArrayList<>();
        int[] common = random.nextBoolean() ? new int[0] : prompt(random, model.vocabulary);
        for (int i = 0; i < 1 + random.nextInt(14); i++) {
            int[] prompt = prompt(random, model.vocabulary);
            // Some begin alike, up to anywhere.
            System.arraycopy(
                    common, 0, prompt, 0, Math.min(random.nextInt(20), Math.min(common.length, prompt.length)));
            requests.add(new Request(i, null, prompt, options(random, beams)));
        }
        PagedHashModel runner = new PagedHashModel(model, limits);
        int chunk = random.nextBoolean() ? 1 + random.nextInt(6) : Integer.MAX_VALUE;
        Batching batching = new Batching(chunk, random.nextBoolean(), random.nextBoolean() ? 1 : 1 + random.nextInt(9));
        Generator generator = new Generator(runner, traits, null, batching);
        Map<Long, Completion> completions = new HashMap<>();
        ListSource source = new ListSource(requests, 2 + random.nextInt(3));
        // Twice, since an engine runs job after job.
        for (int job = 0; job < 2; job++) {
            completions.clear();
            generator.run(
                    job == 0 ? source : new ListSource(requests, 0),
                    completion -> {
                        assertThat(completions.put(completion.id(), completion)).isNull();
                    },
                    () -> false);
            assertThat(completions).hasSize(requests.size());
        }
        NaiveGeneration naive = new NaiveGeneration(model, traits);
        for (Request request : requests) {
            compare(request, completions.get(request.id()), naive, traits, limits);
        }
        assertThat(runner.mostTokens).isLessThanOrEqualTo(limits.maxTokens());
    }

    /** Half of the models have layers that see a window or a chunk alone. */
    private static List<Reach> groups(Random random) {
        List<Reach> groups = new ArrayList<>();
        if (random.nextInt(3) > 0) {
            groups.add(Reach.ALL);
        }
        for (int i = random.nextBoolean() ? 0 : 1 + random.nextInt(3); i > 0; i--) {
            int keys = 1 + random.nextInt(12);
            groups.add(random.nextBoolean() ? Reach.window(keys) : Reach.chunk(keys));
        }
        return groups.isEmpty() ? List.of(Reach.ALL) : groups;
    }

    private static void compare(
            Request request, Completion completion, NaiveGeneration naive, ModelTraits traits, Limits limits) {
        int[] prompt = request.tokenIds();
        int[] start = traits.decoderStart().stream().mapToInt(Integer::intValue).toArray();
        int[] source = null;
        if (traits.encoderDecoder()) {
            source = prompt;
        } else {
            start = prompt;
        }
        int most = traits.maxPositions().orElse(1000) - start.length;
        int slots = Math.min(limits.maxTokens(), Math.min(limits.maxSequences(), limits.maxOutputRows()));
        GenerationOptions options = request.options();
        options = options.with(options.stopping().atMost(Math.max(1, Math.min(options.maxNewTokens(), most))));
        NaiveGeneration.Result expected = naive.generate(source, start, options);
        int steps = expected.tokens().length + (expected.finish() == Completion.Finish.LENGTH ? 0 : 1);
        int cross = source == null ? 0 : blocks(source.length, limits);

        int copies = Math.max(options.numBeams(), options.sampling().samples());
        boolean impossible = most < 1
                || copies > slots
                || (source != null && source.length > limits.maxTokens())
                || cross + limits.heldBlocks(start.length, 1) > limits.blocks()
                || (copies == 1 && cross + peak(start.length, steps - 1, limits) > limits.blocks());
        int longest = start.length + (copies == 1 ? steps : options.maxNewTokens()) - 1;
        int worst = cross + copies * limits.heldBlocks(longest, 1);
        boolean mayOutgrow = worst > limits.blocks();
        if (impossible) {
            assertThat(completion.finish()).isEqualTo(Completion.Finish.ERROR);
            assertThat(completion.error()).containsPattern("[0-9]");
        } else if (completion.error() != null && completion.error().contains("outgrew")) {
            assertThat(mayOutgrow).as(completion.error()).isTrue();
        } else {
            compareTexts(completion, naive, source, start, options);
            assertThat(completion.promptTokens()).isEqualTo(completion.error() == null ? prompt.length : 0);
        }
    }

    private static void compareTexts(
            Completion completion, NaiveGeneration naive, int[] source, int[] start, GenerationOptions options) {
        List<NaiveGeneration.Result> expected = new ArrayList<>();
        for (int sample = 0; sample < options.sampling().samples(); sample++) {
            expected.add(
                    options.numBeams() > 1
                            ? naive.generate(source, start, options)
                            : naive.sample(source, start, options, sample));
        }
        if (expected.stream().anyMatch(each -> each.finish() == Completion.Finish.ERROR)) {
            assertThat(completion.error()).contains("no token may follow");
            return;
        }
        assertThat(completion.error()).isNull();
        assertThat(completion.outputs()).hasSize(expected.size());
        for (int sample = 0; sample < expected.size(); sample++) {
            Completion.Output output = completion.outputs().get(sample);
            assertThat(output.tokenIds())
                    .as(options.toString())
                    .containsExactly(expected.get(sample).tokens());
            assertThat(output.finish()).isEqualTo(expected.get(sample).finish());
            if (options.reportsLogprobs()) {
                float sum = 0;
                for (float chosen : output.logprobs().chosen()) {
                    sum += chosen;
                }
                assertThat(sum).isCloseTo(expected.get(sample).score(), within(1e-3f));
            } else {
                assertThat(output.logprobs()).isNull();
            }
        }
    }

    /** Blocks that a row alone holds at most while it runs one token after another. */
    private static int peak(int first, int tokens, Limits limits) {
        int peak = 0;
        for (int position = first; position < first + tokens; position++) {
            int held = 0;
            for (Reach reach : limits.groups()) {
                held += position / limits.blockSize() - reach.firstHeld(position) / limits.blockSize() + 1;
            }
            peak = Math.max(peak, held);
        }
        return peak;
    }

    private static int blocks(int positions, Limits limits) {
        return (positions + limits.blockSize() - 1) / limits.blockSize();
    }

    private static int[] prompt(Random random, int vocabulary) {
        return random.ints(1 + random.nextInt(18), 0, vocabulary).toArray();
    }

    private static GenerationOptions options(Random random, boolean beams) {
        int newTokens = 1 + random.nextInt(14);
        Stopping stopping = new Stopping(
                newTokens,
                random.nextInt(3) == 0 ? random.nextInt(newTokens + 1) : 0,
                random.nextBoolean(),
                List.of(),
                random.nextInt(4) == 0 ? List.of(4, 2) : List.of());
        GenerationOptions options = GenerationOptions.GREEDY.with(stopping);
        Map<Integer, Double> bias = random.nextInt(3) == 0 ? Map.of(2, 1.5, 4, -3.0) : Map.of();
        Penalties penalties = Penalties.NONE
                .withLogitBias(bias)
                .withNoRepeatNgram(random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0);
        if (random.nextBoolean()) {
            penalties = penalties
                    .withRepetition(new double[] {1, 1.3, 0.8}[random.nextInt(3)])
                    .withPresence(random.nextBoolean() ? 0 : 0.7)
                    .withFrequency(random.nextBoolean() ? 0 : -0.4);
        }
        if (beams && random.nextInt(4) > 0) {
            double penalty = new double[] {1, 0, 2, 0.5}[random.nextInt(4)];
            return options.with(new Beams(2 + random.nextInt(4), penalty, random.nextBoolean()))
                    .with(penalties);
        }
        return options.with(penalties).with(sampling(random)).withLogprobs(random.nextInt(5) - 1);
    }

    private static Sampling sampling(Random random) {
        double temperature = new double[] {0, 0.5, 1, 2}[random.nextInt(4)];
        Sampling sampling = Sampling.GREEDY.withTemperature(temperature).withSeed(random.nextInt(3));
        if (random.nextInt(3) == 0) {
            sampling = sampling.withTopK(1 + random.nextInt(50));
        }
        if (random.nextInt(3) == 0) {
            sampling = sampling.withTopP(0.1 + 0.89 * random.nextDouble());
        }
        if (random.nextInt(3) == 0) {
            sampling = sampling.withMinP(0.5 * random.nextDouble());
        }
        if (random.nextInt(3) == 0) {
            sampling = sampling.withTypicalP(0.1 + 0.89 * random.nextDouble());
        }
        return temperature > 0 && random.nextInt(3) == 0 ? sampling.withSamples(2 + random.nextInt(3)) : sampling;
    }
}
