package dev.lockstep.generate;

import dev.lockstep.backend.Limits;
import dev.lockstep.backend.OutOfMemoryException;
import dev.lockstep.backend.StepOutput;
import dev.lockstep.backend.StepOutput.Rows;
import dev.lockstep.graph.EntryPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns texts into vectors on a {@link StepRunner}: steps are filled by token budget without padding, and only one
 * pooled row per sequence leaves a step. A vector depends on its row alone (up to the machine's rounding). Used by one
 * thread at a time; can be run repeatedly.
 */
public final class Embedder {
    /** Rows considered together: enough to fill steps, few enough that memory does not grow with the input. */
    static final int WINDOW = 1024;

    private static final Logger LOG = LoggerFactory.getLogger(Embedder.class);

    private final StepRunner runner;
    private final EmbeddingOptions options;
    private final EmbeddingIntake intake;
    private final StepWriter writer;
    private final BlockTable none = new BlockTable();

    private final StepBudget budget;

    private volatile GenerationStats stats = new GenerationStats(0, 0, 0);

    /** @param text the checkpoint's tokenizer, which it may lack: then rows must be token ids */
    public Embedder(StepRunner runner, ModelTraits traits, CheckpointText text, EmbeddingOptions options) {
        if (traits.kind() != ModelTraits.Kind.ENCODER) {
            throw new IllegalArgumentException(
                    "the model is no encoder: embeddings are the hidden states of an encoder, e.g. of a BertModel");
        }
        Limits limits = runner.limits();
        this.runner = runner;
        this.options = options;
        this.budget = new StepBudget(limits.maxTokens());
        this.intake = new EmbeddingIntake(traits, limits, text, options.maxTokens());
        this.writer = new StepWriter(runner.input(), limits.blockSize(), traits.resetToken());
    }

    /** Totals since it was made; may be read by any thread. */
    public GenerationStats stats() {
        return stats;
    }

    /**
     * Embeds every row. Each gets exactly one embedding, in any order within {@value #WINDOW} rows; a row that cannot be
     * run gets one with its error, and the others go on. A step that runs out of memory is run again in smaller parts.
     *
     * @param cancelled polled between steps
     * @throws CancellationException when it was cancelled; rows not done by then are dropped
     * @throws OutOfMemoryException when there is no memory for a row alone
     */
    public void run(Iterator<EmbeddingRequest> requests, EmbeddingSink sink, BooleanSupplier cancelled) {
        EmbeddingWindow window = new EmbeddingWindow();
        List<EmbeddingWindow.Item> step = new ArrayList<>();
        while (requests.hasNext()) {
            for (int rows = 0; rows < WINDOW && requests.hasNext(); rows++) {
                take(requests.next(), window, sink);
            }
            while (window.size() > 0) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("embedding was cancelled");
                }
                window.take(budget.tokens(), runner.limits().maxSequences(), step);
                write(step);
                int tokens = runner.input().tokens;
                try {
                    embed(step, sink);
                    budget.ran();
                } catch (OutOfMemoryException failed) {
                    if (step.size() == 1) {
                        throw failed;
                    }
                    budget.failed(tokens);
                    window.putBack(step);
                    LOG.warn(
                            "a step of {} tokens ran out of memory; its rows are run in steps of {} at most: {}",
                            tokens,
                            budget.tokens(),
                            failed.getMessage());
                }
            }
        }
    }

    private void take(EmbeddingRequest request, EmbeddingWindow window, EmbeddingSink sink) {
        try {
            window.add(new EmbeddingWindow.Item(request.id(), intake.tokens(request)));
        } catch (BadRowException e) {
            sink.accept(Embedding.failed(request.id(), e.getMessage()));
        }
    }

    private void write(List<EmbeddingWindow.Item> step) {
        writer.begin(EntryPoint.ENCODE);
        for (EmbeddingWindow.Item item : step) {
            writer.source(item.tokens(), null, none);
        }
        runner.input().pooling = options.pooling();
    }

    private void embed(List<EmbeddingWindow.Item> step, EmbeddingSink sink) {
        int tokens = runner.input().tokens;
        Rows rows = runner.run().full().get(StepOutput.EMBEDDING);
        if (rows == null || rows.rows() != step.size()) {
            throw new IllegalStateException("a step gave " + (rows == null ? "no" : rows.rows())
                    + " embeddings, expected " + step.size() + ": one for each sequence");
        }
        for (int i = 0; i < step.size(); i++) {
            float[] vector = Arrays.copyOfRange(rows.values(), i * rows.width(), (i + 1) * rows.width());
            if (options.normalize()) {
                normalize(vector);
            }
            EmbeddingWindow.Item item = step.get(i);
            sink.accept(new Embedding(item.id(), vector, item.tokens().length, null));
        }
        stats = new GenerationStats(stats.steps() + 1, stats.promptTokens() + tokens, 0);
    }

    /** A vector of zeros stays one, as in the reference, which divides by at least 1e-12. */
    private static void normalize(float[] vector) {
        double sum = 0;
        for (float value : vector) {
            sum += (double) value * value;
        }
        double norm = Math.max(Math.sqrt(sum), 1e-12);
        for (int i = 0; i < vector.length; i++) {
            vector[i] = (float) (vector[i] / norm);
        }
    }
}
