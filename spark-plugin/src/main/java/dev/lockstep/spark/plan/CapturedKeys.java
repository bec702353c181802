package dev.lockstep.spark.plan;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.exec.ResultType;
import org.apache.spark.sql.internal.SQLConf$;

/**
 * The keys that Spark stores with a view: those that the result's type hangs on. It stores keys only that are registered
 * as SQL's own, and analyses a view's text under the stored ones alone, so that its columns are the same in every session.
 */
public final class CapturedKeys {
    private CapturedKeys() {}

    /**
     * Registers the keys, once in a JVM: Spark's list outlives sessions, and refuses a key that is there. The entries are
     * plain text, made of Spark's classes only, so they also serve a second class loader that holds this plugin.
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
