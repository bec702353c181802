package dev.lockstep.spark.plan;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import dev.lockstep.spark.exec.ResultType;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Reads settings from a session, never from {@code SQLConf.get()}: inside a view that one lacks the session's own keys. */
final class SessionSettings {
    private SessionSettings() {}

    static Settings resolve(Settings given, SparkSession session) {
        return given.resolve(key -> configured(session, key));
    }

    /**
     * Adds what the call's type hangs on: whether errors become part of the result, how many texts it has, and whether there
     * are log-probabilities. These cannot wait for plan normalization; so they come from the session that analyses the query.
     */
    static Settings withResultType(Settings given) {
        Option<SparkSession> active = SparkSession.getActiveSession();
        Option<SparkSession> session = active.isDefined() ? active : SparkSession.getDefaultSession();
        Settings all = given;
        for (Setting setting : ResultType.SETTINGS) {
            if (!given.has(setting)) {
                String text = session.isDefined() ? configured(session.get(), setting.key()) : null;
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
