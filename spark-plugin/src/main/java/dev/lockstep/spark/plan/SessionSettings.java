package dev.lockstep.spark.plan;

import dev.lockstep.spark.SessionKeys;
import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import dev.lockstep.spark.exec.ResultType;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.internal.SQLConf;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Reads settings from a session, except those that a view fixes. It does not use {@code SQLConf.get()}, which inside a
 * view lacks the session's own keys.
 */
final class SessionSettings {
    private SessionSettings() {}

    /** @throws IllegalArgumentException when a key of the session is mistyped or a value cannot be used */
    static Settings resolve(Settings given, SparkSession session) {
        SessionKeys.check(CollectionConverters.asJava(session.conf().getAll()).keySet());
        return given.resolve(key -> configured(session, key));
    }

    /**
     * Adds the settings that determine the call's type: whether errors become part of the result, how many texts it
     * has, and whether there are log-probabilities. These are needed before plan normalization, so they come from the
     * configuration under which the call is analysed: the session's, or inside a view the keys stored with it ({@link
     * CapturedKeys}).
     */
    static Settings withResultType(Settings given) {
        Settings all = given;
        for (Setting setting : ResultType.SETTINGS) {
            if (!given.has(setting)) {
                String text = SQLConf.get().getConfString(setting.key(), null);
                all = all.with(setting, text == null ? setting.defaultValue() : text);
            }
        }
        return all;
    }

    private static String configured(SparkSession session, String key) {
        Option<String> value = session.conf().getOption(key);
        return value.isDefined() ? value.get() : null;
    }
}
