package dev.lockstep.spark;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The keys of a session's configuration that are ours. */
public final class SessionKeys {
    public static final String PREFIX = "spark.lockstep.";

    private SessionKeys() {}

    /**
     * @param set all keys that a session has a value for, Spark's own included
     * @throws IllegalArgumentException naming every key that has our prefix but is unknown, and the nearest known keys
     */
    public static void check(Collection<String> set) {
        List<String> unknown = set.stream()
                .filter(key -> key.startsWith(PREFIX) && !known(key))
                .sorted()
                .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("tp_generate: "
                    + unknown.stream().map(SessionKeys::describe).collect(Collectors.joining("; "))
                    + "; all are "
                    + Arrays.stream(Setting.values()).map(Setting::key).collect(Collectors.joining(", "))
                    + ". Take it away with spark.conf.unset(\"" + unknown.get(0)
                    + "\"), or where the session is configured");
        }
    }

    private static boolean known(String key) {
        return Arrays.stream(Setting.values()).anyMatch(setting -> setting.key().equals(key));
    }

    private static String describe(String unknown) {
        Map<String, String> keys = new LinkedHashMap<>();
        for (Setting setting : Setting.values()) {
            keys.put(setting.key(), setting.key());
            setting.names().forEach(name -> keys.put(PREFIX + name, setting.key()));
        }
        return "unknown key " + unknown + ", the nearest are " + String.join(", ", NearestNames.of(unknown, keys));
    }
}
