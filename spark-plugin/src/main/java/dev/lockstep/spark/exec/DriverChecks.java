package dev.lockstep.spark.exec;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import org.apache.spark.sql.SparkSession;

/** What can be known on the driver before any stage runs. */
public final class DriverChecks {
    private DriverChecks() {}

    /**
     * @throws RuntimeException the core's own, when the model cannot be run with these settings
     * @throws IllegalStateException when the cluster can never hold a group of ranks
     */
    public static void check(Settings settings, SparkSession session) {
        RankFactory.of(settings.text(Setting.MODEL)).check(settings.engineOptions());
        Slots.check(settings, session.sparkContext());
    }
}
