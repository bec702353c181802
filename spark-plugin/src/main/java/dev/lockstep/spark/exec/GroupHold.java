package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.time.Duration;
import org.apache.spark.TaskContext;

/** A task's reference to its group's engine: one for each rank that the task runs, until each is released. */
final class GroupHold {
    private final GroupEngine engine;
    private final String group;
    private final Settings settings;

    private GroupHold(GroupEngine engine, String group, Settings settings) {
        this.engine = engine;
        this.group = group;
        this.settings = settings;
    }

    /**
     * Waits while the executor runs as many groups of this model as it may.
     *
     * @param group a name that the group's ranks of this attempt share and no others
     * @param ranks that the task runs itself
     * @throws org.apache.spark.TaskKilledException when the task is killed meanwhile
     */
    static GroupHold take(RankTask task, String group, int ranks, TaskContext context) {
        Settings settings = task.settings();
        EngineCache cache = EngineCache.ofExecutor();
        GroupEngine engine = null;
        for (int i = 0; i < ranks; i++) {
            engine = cache.acquire(
                    GroupEngine.class,
                    EngineKey.of(settings.engineOptions()),
                    new EngineCache.Lease(
                            group, settings.integer(Setting.GROUPS_PER_EXECUTOR), context::killTaskIfInterrupted),
                    settings.integer(Setting.IDLE_ENGINES),
                    key -> task.newEngine(key, cache));
        }
        return new GroupHold(engine, group, settings);
    }

    GroupEngine engine() {
        return engine;
    }

    String group() {
        return group;
    }

    Duration groupTimeout() {
        return Duration.ofMillis(settings.whole(Setting.GROUP_TIMEOUT));
    }

    /** Runs a rank that is not the leader, if the leader calls for it. */
    void follow(int rank) throws InterruptedException {
        if (engine.awaitCall(group)) {
            engine.open(rank, group, groupTimeout()).follow();
        }
    }

    /** Lets go of one rank. */
    void release() {
        EngineCache.ofExecutor()
                .release(engine, settings.integer(Setting.IDLE_ENGINES), settings.whole(Setting.IDLE_TIMEOUT));
    }
}
