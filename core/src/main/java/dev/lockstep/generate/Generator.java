package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Turns requests into completions on a {@link StepRunner}. A completion depends on its request alone (up to the
 * rounding of the machine), not on the rest of its batch. Used by one thread at a time; can be run repeatedly.
 */
public final class Generator {
    private final StepRunner runner;
    private final ModelTraits traits;
    private final CheckpointText text;
    private final Intake intake;
    private final Batching batching;

    private final GenerationCounters counters = new GenerationCounters();

    /**
     * @param tokenizer null where the checkpoint has none: then prompts must be token ids, and completions have no text
     */
    public Generator(StepRunner runner, ModelTraits traits, TextTokenizer tokenizer) {
        this(runner, traits, tokenizer, Batching.PLAIN);
    }

    /**
     * @param tokenizer null where the checkpoint has none
     */
    public Generator(StepRunner runner, ModelTraits traits, TextTokenizer tokenizer, Batching batching) {
        this(runner, traits, CheckpointText.of(tokenizer), batching);
    }

    /** A generator that reads and writes as a checkpoint's files say, chats included. */
    public static Generator of(StepRunner runner, ModelTraits traits, CheckpointText text, Batching batching) {
        return new Generator(runner, traits, text, batching);
    }

    private Generator(StepRunner runner, ModelTraits traits, CheckpointText text, Batching batching) {
        if (traits.kind() == ModelTraits.Kind.ENCODER) {
            throw new IllegalArgumentException(
                    "the model is an encoder: it generates no text, expected a decoder or" + " an encoder-decoder");
        }
        this.runner = runner;
        this.traits = traits;
        this.text = text;
        this.intake = new Intake(traits, runner.limits().groups(), text);
        this.batching = batching;
    }

    /** Totals since it was made; may be read by any thread. */
    public GenerationStats stats() {
        return counters.stats();
    }

    /**
     * Runs every request of the source, and returns when it is exhausted and all rows are done. Each request gets
     * exactly one completion; a row that cannot be run gets one with its error, and the others go on.
     *
     * @param cancelled polled between steps
     * @throws CancellationException when it was cancelled; rows not completed by then are dropped
     */
    public void run(RequestSource source, CompletionSink sink, BooleanSupplier cancelled) {
        Limits limits = runner.limits();
        Scheduler scheduler = new Scheduler(limits, runner.input(), traits, batching, new Completions(sink));
        StepLoop loop = new StepLoop(runner, scheduler);
        counters.begin();
        while (true) {
            if (cancelled.getAsBoolean()) {
                throw new CancellationException("generation was cancelled");
            }
            take(source, sink, scheduler);
            if (!scheduler.idle()) {
                loop.step();
                counters.ran(loop.steps(), scheduler.sharedTokens(), scheduler.preemptions());
            } else if (source.exhausted()) {
                return;
            } else {
                await(source);
            }
        }
    }

    private void take(RequestSource source, CompletionSink sink, Scheduler scheduler) {
        while (scheduler.wantsMore()) {
            Request request = source.poll();
            if (request == null) {
                return;
            }
            Row row;
            try {
                row = intake.row(request);
            } catch (BadRowException e) {
                sink.accept(Completion.failed(request.id(), e.getMessage()));
                continue;
            }
            scheduler.submit(row);
        }
    }

    private static void await(RequestSource source) {
        try {
            source.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            CancellationException cancelled = new CancellationException("generation was interrupted");
            cancelled.initCause(e);
            throw cancelled;
        }
    }

    /** Makes completions of the rows that leave the scheduler. */
    private final class Completions implements Scheduler.Exit {
        private final CompletionSink sink;

        Completions(CompletionSink sink) {
            this.sink = sink;
        }

        @Override
        public void finished(Row row) {
            if (row.finish() == Completion.Finish.ERROR) {
                failed(row, row.error());
                return;
            }
            int promptTokens = row.prompt.content().length;
            long generated = 0;
            List<Completion.Output> outputs = new ArrayList<>();
            for (Row.Result result : row.results()) {
                outputs.add(output(row, result));
                generated += result.tokens().length;
            }
            counters.finished(promptTokens, generated);
            sink.accept(new Completion(row.prompt.id(), outputs, promptTokens, null));
        }

        private Completion.Output output(Row row, Row.Result result) {
            if (result.text() != null || text.tokenizer() == null) {
                return new Completion.Output(result.text(), result.tokens(), result.finish(), result.logprobs());
            }
            // Texts that were not checked while they grew (beams), or that reached a stop string with the last token,
            // are cut here.
            String whole = text.tokenizer().decode(result.tokens());
            String cut = StopText.cut(whole, row.options.stop(), result.stopsFrom());
            Completion.Finish finish = cut.length() < whole.length() ? Completion.Finish.STOP : result.finish();
            return new Completion.Output(cut, result.tokens(), finish, result.logprobs());
        }

        @Override
        public void failed(Row row, String reason) {
            sink.accept(Completion.failed(row.prompt.id(), reason));
        }
    }
}
