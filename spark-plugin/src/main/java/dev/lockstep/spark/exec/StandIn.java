package dev.lockstep.spark.exec;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that runs a rank whose task Spark placed on another executor. Releases its reference to the engine when it
 * ends.
 */
final class StandIn {
    private static final Logger LOG = LoggerFactory.getLogger(StandIn.class);

    private StandIn() {}

    static void start(GroupHold hold, int rank) {
        Thread thread = new Thread(() -> run(hold, rank), "lockstep-rank-" + rank);
        thread.setDaemon(true);
        thread.start();
    }

    private static void run(GroupHold hold, int rank) {
        try {
            hold.follow(rank);
        } catch (Throwable t) { // whatever it is, the leader must hear of it and report it
            hold.engine().fail(t);
            LOG.warn("rank {} of {} failed; its leader reports the error", rank, hold.group(), t);
        } finally {
            hold.release();
        }
    }
}
