package dev.lockstep.generate;

import dev.lockstep.backend.StepOutput.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Computes a model's results for given inputs, for comparison with a reference: whole outputs, greedy continuations
 * with their margins, best beams. All cases given together run in one batch through the paged KV cache, like rows of a
 * job. Errors of a row are thrown as {@link IllegalArgumentException}. Used by one thread at a time.
 */
public final class Scorer {

    /**
     * One input.
     *
     * @param inputIds the prompt, or the encoder's input
     * @param tokenTypes for encoders; null for all 0
     * @param decoderIds the input of an encoder-decoder's decoder for its logits; null where they are not wanted
     * @param start what that decoder's continuation starts from; null for the model's own start tokens
     */
    public record Case(int[] inputIds, int[] tokenTypes, int[] decoderIds, int[] start) {
        public static Case of(int... inputIds) {
            return new Case(inputIds, null, null, null);
        }
    }

    /**
     * A greedy continuation, EOS ignored.
     *
     * @param tokens the generated tokens
     * @param margins how far each token's logit was above the second best
     */
    public record Greedy(int[] tokens, float[] margins) {}

    /**
     * The best beam, EOS ignored.
     *
     * @param tokens the generated tokens
     * @param score their summed log-probability
     */
    public record Beam(int[] tokens, float score) {}

    private final StepRunner runner;
    private final ModelTraits traits;
    private final Batching batching;

    public Scorer(StepRunner runner, ModelTraits traits) {
        this(runner, traits, Batching.PLAIN);
    }

    /**
     * @param chunk tokens of one decoder sequence that a step runs at most
     */
    public Scorer(StepRunner runner, ModelTraits traits, int chunk) {
        this(runner, traits, Batching.PLAIN.withChunk(chunk));
    }

    /** @param batching concerns continuations; whole outputs are computed for each case by itself */
    public Scorer(StepRunner runner, ModelTraits traits, Batching batching) {
        this.runner = runner;
        this.traits = traits;
        this.batching = batching;
    }

    /**
     * The model's whole outputs for each case, by name: of a decoder {@code logits} [input, vocabulary]; of an
     * encoder-decoder {@code encoder} [input, hidden] and, where decoder tokens are given, {@code logits} [decoder
     * tokens, vocabulary]; of an encoder all it has, rows of the sequence or one row for it.
     */
    public List<Map<String, Rows>> outputs(List<Case> cases) {
        for (Case each : cases) {
            check(Refusals.badTokens(each.inputIds(), traits));
            if (each.decoderIds() != null) {
                check(Refusals.badTokens(each.decoderIds(), traits));
            }
        }
        return new TeacherForcing(runner, traits, batching.chunk()).outputs(cases);
    }

    /**
     * Greedy continuations.
     *
     * @param newTokens tokens to generate for each case
     */
    public List<Greedy> greedy(List<Case> cases, int[] newTokens) {
        List<Row> rows = new ArrayList<>();
        List<List<Float>> margins = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            List<Float> recorded = new ArrayList<>();
            margins.add(recorded);
            GenerationOptions options = options(newTokens[i], 1);
            Sampler sampler = Sampler.recording(traits.vocabularySize(), recorded);
            Prompt prompt = prompt(i, cases.get(i));
            Sample sample =
                    Sample.of(prompt.start(), options, traits, runner.limits().groups(), sampler, null, null);
            rows.add(new SampledRow(prompt, options, List.of(sample)));
        }
        run(rows);
        List<Greedy> results = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            float[] values = new float[margins.get(i).size()];
            for (int m = 0; m < values.length; m++) {
                values[m] = margins.get(i).get(m);
            }
            results.add(new Greedy(rows.get(i).results().get(0).tokens(), values));
        }
        return results;
    }

    /**
     * Best beams of a search without length penalty other than the plain mean.
     *
     * @param newTokens tokens to generate for each case
     */
    public List<Beam> beams(List<Case> cases, int[] newTokens, int numBeams) {
        if (numBeams < 2) {
            throw new IllegalArgumentException("num_beams is " + numBeams + ", a beam search has at least 2");
        }
        List<BeamRow> rows = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            rows.add(new BeamRow(
                    prompt(i, cases.get(i)),
                    options(newTokens[i], numBeams),
                    traits,
                    runner.limits().groups()));
        }
        run(rows);
        return rows.stream()
                .map(row -> new Beam(row.results().get(0).tokens(), row.sum()))
                .toList();
    }

    private Prompt prompt(int index, Case each) {
        check(Refusals.badTokens(each.inputIds(), traits));
        if (!traits.encoderDecoder()) {
            return new Prompt(index, null, each.inputIds());
        }
        int[] start = each.start();
        if (start == null) {
            start = traits.decoderStart().stream().mapToInt(Integer::intValue).toArray();
        }
        check(Refusals.badTokens(start, traits));
        return new Prompt(index, each.inputIds(), start);
    }

    private void run(List<? extends Row> rows) {
        Scheduler.Exit exit = new Scheduler.Exit() {
            @Override
            public void finished(Row row) {}

            @Override
            public void failed(Row row, String reason) {
                throw new IllegalArgumentException("case " + row.prompt.id() + " "
                        + Arrays.toString(row.prompt.content()) + " cannot be run: " + reason);
            }
        };
        Scheduler scheduler = new Scheduler(runner.limits(), runner.input(), traits, batching, exit);
        StepLoop loop = new StepLoop(runner, scheduler);
        int next = 0;
        while (next < rows.size() || !scheduler.idle()) {
            while (next < rows.size() && scheduler.wantsMore()) {
                scheduler.submit(rows.get(next++));
            }
            loop.step();
        }
    }

    private static GenerationOptions options(int newTokens, int numBeams) {
        return new GenerationOptions(newTokens, 0, 0, 1, numBeams, 1, false, 0, true, List.of());
    }

    private static void check(String problem) {
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
    }
}
