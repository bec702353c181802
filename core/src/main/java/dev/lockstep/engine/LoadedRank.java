package dev.lockstep.engine;

import dev.lockstep.generate.CheckpointText;
import dev.lockstep.generate.CompletionSink;
import dev.lockstep.generate.GenerationStats;
import dev.lockstep.generate.Generator;
import dev.lockstep.generate.RequestSource;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** A rank on a {@link RankSession}; the leader has the tokenizer, the chat template and the generator. */
final class LoadedRank implements Rank {
    private final RankSession session;
    private final CheckpointText text;
    private final Generator generator;

    private LoadedRank(RankSession session, CheckpointText text) {
        this.session = session;
        this.text = text;
        this.generator =
                text == null ? null : Generator.of(session.stepRunner(), session.traits(), text, session.batching());
    }

    static LoadedRank of(RankSession session) {
        try {
            // Where the files really are: the folder that was asked for may be a hub cache's.
            Path folder = Path.of(session.location());
            return new LoadedRank(session, session.mesh().rank() == 0 ? CheckpointText.open(folder) : null);
        } catch (RuntimeException | Error failed) {
            session.mesh().abort(failed);
            session.close();
            throw failed;
        }
    }

    @Override
    public int rank() {
        return session.mesh().rank();
    }

    @Override
    public void lead(RequestSource source, CompletionSink sink, BooleanSupplier cancelled) {
        if (generator == null) {
            throw new IllegalStateException("rank " + rank() + " cannot lead, rank 0 does");
        }
        boolean healthy = false;
        try {
            generator.run(source, sink, cancelled);
            healthy = true;
        } catch (java.util.concurrent.CancellationException cancellation) {
            healthy = true;
            throw cancellation;
        } catch (RuntimeException | Error failed) {
            session.mesh().abort(failed);
            throw failed;
        } finally {
            if (healthy) {
                session.release();
            }
        }
    }

    @Override
    public void follow() {
        try {
            session.follow();
        } catch (RuntimeException | Error failed) {
            session.mesh().abort(failed);
            throw failed;
        }
    }

    @Override
    public RankStats stats() {
        GenerationStats done = generator == null ? GenerationStats.NONE : generator.stats();
        return new RankStats(
                session.loadSeconds(),
                session.runner().steps(),
                done.promptTokens(),
                done.generatedTokens(),
                session.program().memory().weights(),
                session.mesh().collectives());
    }

    @Override
    public void close() {
        try (session) {
            if (text != null) {
                text.close();
            }
        }
    }
}
