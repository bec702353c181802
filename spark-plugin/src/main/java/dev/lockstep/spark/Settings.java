package dev.lockstep.spark;

import dev.lockstep.engine.EngineOptions;
import dev.lockstep.generate.Beams;
import dev.lockstep.generate.Constraint;
import dev.lockstep.generate.GenerationOptions;
import dev.lockstep.generate.Penalties;
import dev.lockstep.generate.Sampling;
import dev.lockstep.generate.Stopping;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Values of some settings, immutable: those that a call gives, or, once resolved, all. Serializable, unlike the core's
 * option records, which are made from it where they are needed.
 */
public final class Settings implements Serializable {
    private static final long serialVersionUID = 1;
    public static final Settings NONE = new Settings(new EnumMap<>(Setting.class));

    private final EnumMap<Setting, Object> values;

    private Settings(EnumMap<Setting, Object> values) {
        this.values = values;
    }

    /** @param value of the setting's type, or anything its type can parse */
    public Settings with(Setting setting, Object value) {
        EnumMap<Setting, Object> copy = new EnumMap<>(values);
        copy.put(setting, setting.type().parse(setting.argument() != null ? setting.argument() : setting.key(), value));
        return new Settings(copy);
    }

    public boolean has(Setting setting) {
        return values.containsKey(setting);
    }

    /** Null when it is not among them. */
    public Object get(Setting setting) {
        return values.get(setting);
    }

    public int integer(Setting setting) {
        return (Integer) values.get(setting);
    }

    /** Also a duration in milliseconds or a size in bytes. */
    public long whole(Setting setting) {
        return (Long) values.get(setting);
    }

    public double number(Setting setting) {
        return (Double) values.get(setting);
    }

    public boolean flag(Setting setting) {
        return (Boolean) values.get(setting);
    }

    public String text(Setting setting) {
        return (String) values.get(setting);
    }

    /**
     * All settings: these, else the session's, else the defaults.
     *
     * @param configured the session's value of a key, null when it is not set
     * @throws IllegalArgumentException when a value is out of range or there is no model
     */
    public Settings resolve(Function<String, String> configured) {
        EnumMap<Setting, Object> all = new EnumMap<>(values);
        for (Setting setting : Setting.values()) {
            if (!all.containsKey(setting)) {
                String text = configured.apply(setting.key());
                Object value =
                        text == null ? setting.defaultValue() : setting.type().parse(setting.key(), text);
                if (value != null) {
                    all.put(setting, value);
                }
            }
        }
        Settings resolved = new Settings(all);
        resolved.validate();
        return resolved;
    }

    private void validate() {
        if (!has(Setting.MODEL)) {
            throw new IllegalArgumentException(
                    "tp_generate has no model: pass one, tp_generate(prompt, model => '/path'), or" + " set "
                            + Setting.MODEL.key() + " to a checkpoint's folder");
        }
        try {
            engineOptions();
            generationOptions();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tp_generate: " + e.getMessage(), e);
        }
        atLeast(Setting.ROWS_IN_FLIGHT, 1);
        atLeast(Setting.GROUPS_PER_EXECUTOR, 1);
        atLeast(Setting.MAX_RANKS, 0);
        atLeast(Setting.IDLE_ENGINES, 0);
    }

    private void atLeast(Setting setting, int minimum) {
        if (integer(setting) < minimum) {
            throw new IllegalArgumentException(
                    setting.key() + " is " + integer(setting) + ", expected at least " + minimum);
        }
    }

    /** Only those that two calls must share to be served by one plan node: the engine's and the job's. */
    public Settings shared() {
        EnumMap<Setting, Object> some = new EnumMap<>(values);
        some.keySet().removeIf(setting -> setting.scope() == Setting.Scope.GENERATION);
        return new Settings(some);
    }

    public EngineOptions engineOptions() {
        return new EngineOptions(
                text(Setting.MODEL),
                integer(Setting.TP),
                text(Setting.DTYPE),
                text(Setting.SPLIT),
                integer(Setting.THREADS),
                whole(Setting.MEMORY_BUDGET),
                integer(Setting.MAX_BATCH_TOKENS),
                integer(Setting.MAX_SEQUENCES),
                text(Setting.CACHE_DTYPE),
                flag(Setting.PREFIX_SHARING),
                flag(Setting.DETERMINISTIC),
                text(Setting.DEVICE));
    }

    public GenerationOptions generationOptions() {
        return new GenerationOptions(
                stopping(),
                new Sampling(
                        number(Setting.TEMPERATURE),
                        integer(Setting.TOP_K),
                        number(Setting.TOP_P),
                        number(Setting.MIN_P),
                        number(Setting.TYPICAL_P),
                        whole(Setting.SEED),
                        integer(Setting.N)),
                penalties(),
                new Beams(integer(Setting.NUM_BEAMS), number(Setting.LENGTH_PENALTY), flag(Setting.EARLY_STOPPING)),
                constraint(),
                integer(Setting.LOGPROBS));
    }

    @SuppressWarnings("unchecked")
    private Stopping stopping() {
        return new Stopping(
                integer(Setting.MAX_NEW_TOKENS),
                integer(Setting.MIN_NEW_TOKENS),
                flag(Setting.IGNORE_EOS),
                (List<String>) get(Setting.STOP),
                (List<Integer>) get(Setting.STOP_TOKEN_IDS));
    }

    @SuppressWarnings("unchecked")
    private Penalties penalties() {
        return new Penalties(
                number(Setting.REPETITION_PENALTY),
                number(Setting.PRESENCE_PENALTY),
                number(Setting.FREQUENCY_PENALTY),
                integer(Setting.NO_REPEAT_NGRAM_SIZE),
                (Map<Integer, Double>) get(Setting.LOGIT_BIAS));
    }

    @SuppressWarnings("unchecked")
    private Constraint constraint() {
        List<String> choice = (List<String>) get(Setting.CHOICE);
        List<Constraint> given = new ArrayList<>();
        if (!choice.isEmpty()) {
            given.add(new Constraint.Choice(choice));
        }
        if (!text(Setting.REGEX).isEmpty()) {
            given.add(new Constraint.Regex(text(Setting.REGEX)));
        }
        if (!text(Setting.JSON_SCHEMA).isEmpty()) {
            given.add(new Constraint.JsonSchema(text(Setting.JSON_SCHEMA)));
        }
        if (given.size() > 1) {
            throw new IllegalArgumentException(
                    given.get(1).name() + " is " + given.get(1).shown() + ", expected none beside "
                            + given.get(0).name());
        }
        return given.isEmpty() ? Constraint.NONE : given.get(0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings settings && values.equals(settings.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** Those that differ from their defaults, as a call would write them. */
    @Override
    public String toString() {
        return values.entrySet().stream()
                .filter(each -> !each.getValue().equals(each.getKey().defaultValue()))
                .map(Settings::show)
                .collect(Collectors.joining(", "));
    }

    private static String show(Map.Entry<Setting, Object> entry) {
        Setting setting = entry.getKey();
        return (setting.argument() != null ? setting.argument() : setting.key()) + " => " + entry.getValue();
    }
}
