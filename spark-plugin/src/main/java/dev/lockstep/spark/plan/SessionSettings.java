package dev.lockstep.spark.plan;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import org.apache.spark.sql.SparkSession;
import scala.Option;

/** Reads settings from a session, never from {@code SQLConf.get()}: inside a view that one lacks the session's own keys. */
final class SessionSettings {
    private SessionSettings() {}

    static Settings resolve(Settings given, SparkSession session) {
        return given.resolve(key -> configured(session, key));
    }

    /**
     * Adds whether errors become part of the result. This one cannot wait for plan normalization, because the call's type
     * hangs on it; so it comes from the session that analyses the query.
     */
    static Settings withErrorMode(Settings given) {
        if (given.has(Setting.FAIL_ON_ERROR)) {
            return given;
        }
        Option<SparkSession> active = SparkSession.getActiveSession();
        Option<SparkSession> session = active.isDefined() ? active : SparkSession.getDefaultSession();
        String text = session.isDefined() ? configured(session.get(), Setting.FAIL_ON_ERROR.key()) : null;
        return given.with(Setting.FAIL_ON_ERROR, text == null ? Setting.FAIL_ON_ERROR.defaultValue() : text);
    }

    private static String configured(SparkSession session, String key) {
        Option<String> value = session.conf().getOption(key);
        return value.isDefined() ? value.get() : null;
    }
}
