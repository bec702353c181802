package dev.lockstep.spark.plan;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.exec.ResultType;
import org.apache.spark.sql.internal.SQLConf$;

/**
 * The keys that Spark stores with a view: those that determine the result's type. Spark stores only keys that are
 * registered as SQL configuration, and analyses a view's text with the stored keys alone, so that the view has the same
 * columns in every session.
 */
public final class CapturedKeys {
    private CapturedKeys() {}

    /**
     * Registers the keys, once in a JVM: Spark's list outlives sessions, and refuses a key that is already registered.
     * The entries are plain text and use only Spark's classes, so they also work for a second class loader that holds
     * this plugin.
     */
    public static void register() {
        SQLConf$ registered = SQLConf$.MODULE$;
        synchronized (registered) {
            for (Setting setting : ResultType.SETTINGS) {
                if (!registered.containsConfigKey(setting.key())) {
                    registered
                            .buildConf(setting.key())
                            .doc("The default of " + setting.argument() + " in calls of " + TpGenerate.NAME
                                    + "; fixed for a view when it is made.")
                            .stringConf()
                            .createOptional();
                }
            }
        }
    }
}
