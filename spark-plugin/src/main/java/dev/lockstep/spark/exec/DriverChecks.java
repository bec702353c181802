package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/**
 * Checks that the driver can make before any stage runs. Adaptive execution plans a query again after each stage, and a
 * stream once for each batch, so successful checks are cached until the checkpoint's files change.
 */
public final class DriverChecks {
    private static final int REMEMBERED = 32;

    /** Whether chats were checked too. */
    private final Map<EngineKey, Boolean> passed = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<EngineKey, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    /**
     * @param chat whether some prompt is a chat
     * @throws RuntimeException the core's own, when the model cannot be run with these settings
     * @throws IllegalStateException when the cluster can never hold a group of ranks
     */
    public synchronized void check(Settings settings, boolean chat, SparkSession session) {
        Slots.check(settings, session.sparkContext());
        EngineKey key = EngineKey.of(settings.engineOptions());
        RankFactory factory = RankFactory.of(settings.text(Setting.MODEL));
        if (!passed.containsKey(key)) {
            factory.check(Threads.asOnExecutors(settings, session.sparkContext().getConf()));
            passed.put(key, false);
        }
        if (chat && !passed.get(key)) {
            factory.checkChat(settings.engineOptions());
            passed.put(key, true);
        }
    }
}
