package dev.lockstep.spark.exec;

import dev.lockstep.engine.EngineOptions;
import dev.lockstep.engine.RankStats;
import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.function.Supplier;
import org.apache.spark.SparkEnv;

/**
 * One task's reference to the shared engine. Acquired for the first row that needs it, so that rows without prompts
 * load nothing.
 */
final class SharedHold implements Supplier<LeaderThread>, AutoCloseable {
    private final Settings settings;
    private final InferenceMetrics metrics;
    private SharedEngine engine;
    private LeaderThread leader;
    private RankStats before;

    SharedHold(Settings settings, InferenceMetrics metrics) {
        this.settings = settings;
        this.metrics = metrics;
    }

    @Override
    public LeaderThread get() {
        if (leader == null) {
            EngineOptions options = Threads.withThreads(settings, SparkEnv.get().conf());
            EngineCache cache = EngineCache.ofExecutor();
            engine = cache.acquire(
                    SharedEngine.class,
                    EngineKey.of(settings.engineOptions()),
                    null,
                    settings.integer(Setting.IDLE_ENGINES),
                    key -> new SharedEngine(key, options, cache.memory()));
            before = engine.stats();
            leader = engine.leader();
        }
        return leader;
    }

    /** Reports what the engine did meanwhile, and releases it. */
    @Override
    public void close() {
        if (engine == null) {
            return;
        }
        RankStats after = engine.stats();
        if (after != null) {
            if (engine.reportsLoading()) {
                metrics.loaded(after);
            }
            metrics.ran(before, after);
        }
        EngineCache.ofExecutor()
                .release(engine, settings.integer(Setting.IDLE_ENGINES), settings.whole(Setting.IDLE_TIMEOUT));
        engine = null;
    }
}
