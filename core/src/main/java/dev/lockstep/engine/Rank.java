package dev.lockstep.engine;

import dev.lockstep.generate.CompletionSink;
import dev.lockstep.generate.RequestSource;
import java.util.function.BooleanSupplier;

/**
 * One loaded rank of an engine. Rank 0 leads: it alone schedules, samples and stops; the others follow. All ranks of a
 * group are driven by threads of their own. An engine is reused over jobs: {@link #lead} and {@link #follow} may be
 * called again after they returned normally.
 */
public interface Rank extends AutoCloseable {

    int rank();

    /**
     * Runs every request of the source and returns when it is exhausted and all rows are done; then releases the
     * followers. Each request gets exactly one completion; rows that cannot be run get an error completion.
     *
     * @param cancelled polled between steps; when true, ends early with {@link java.util.concurrent.CancellationException}
     *     on the leader, normally on the followers
     */
    void lead(RequestSource source, CompletionSink sink, BooleanSupplier cancelled);

    /** Runs the leader's steps until it releases this rank. Throws when the group fails. */
    void follow();

    /** Totals since it was opened, for metrics. */
    RankStats stats();

    @Override
    void close();
}
