package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * What can be known on the driver before any stage runs. Adaptive execution plans a query again after each stage, and a
 * stream once for each batch, so what was found right is remembered until the checkpoint's files change.
 */
public final class DriverChecks {
    private static final int REMEMBERED = 32;

    private final Map<EngineKey, Boolean> passed = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<EngineKey, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    /**
     * @throws RuntimeException the core's own, when the model cannot be run with these settings
     * @throws IllegalStateException when the cluster can never hold a group of ranks
     */
    public synchronized void check(Settings settings, SparkSession session) {
        Slots.check(settings, session.sparkContext());
        EngineKey key = EngineKey.of(settings.engineOptions());
        if (!passed.containsKey(key)) {
            RankFactory.of(settings.text(Setting.MODEL)).check(settings.engineOptions());
            passed.put(key, true);
        }
    }
}
