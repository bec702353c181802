package dev.lockstep.spark.plan;

import dev.lockstep.spark.Setting;
import dev.lockstep.spark.Settings;
import dev.lockstep.spark.interop.Scala;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.NamedArgumentExpression;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.DataTypes;
import scala.collection.immutable.Seq;

/**
 * Builds a {@link TpGenerate} from the arguments of a query: {@code prompt [, model [, options map]]} by position, and
 * any option by name. All arguments but the prompt are constants.
 */
public final class CallBuilder {
    private static final List<String> POSITIONS = List.of("prompt", "model", "options");

    private CallBuilder() {}

    /** @throws IllegalArgumentException naming the argument that is unknown, given twice, missing or not constant */
    public static Expression build(Seq<Expression> arguments) {
        Map<String, Expression> byName = named(Scala.list(arguments));
        Expression prompt = byName.remove("prompt");
        if (prompt == null) {
            throw new IllegalArgumentException(
                    "tp_generate: the prompt is missing: write tp_generate(prompt [, model [,"
                            + " options map]] [, name => value ...])");
        }
        Settings settings = Settings.NONE;
        Expression options = byName.remove("options");
        if (options != null) {
            settings = fromMap(options);
        }
        for (Map.Entry<String, Expression> each : byName.entrySet()) {
            settings = add(settings, each.getKey(), constant(each.getKey(), each.getValue()));
        }
        return new TpGenerate(prompt, SessionSettings.withResultType(settings));
    }

    private static Map<String, Expression> named(List<Expression> arguments) {
        Map<String, Expression> byName = new LinkedHashMap<>();
        int position = 0;
        for (Expression argument : arguments) {
            String name;
            Expression value = argument;
            if (argument instanceof NamedArgumentExpression given) {
                name = POSITIONS.contains(given.key().toLowerCase())
                        ? given.key().toLowerCase()
                        : given.key();
                value = given.value();
            } else if (position == POSITIONS.size()) {
                throw new IllegalArgumentException(
                        "tp_generate takes at most 3 arguments by position (prompt, model, options" + " map), found "
                                + arguments.size() + ": give options by name, max_new_tokens => 64");
            } else {
                name = POSITIONS.get(position++);
            }
            if (byName.put(name, value) != null) {
                throw new IllegalArgumentException("tp_generate: " + name + " is given twice");
            }
        }
        return byName;
    }

    private static Settings fromMap(Expression options) {
        Object value = constant("options", options);
        if (!(value instanceof MapData map)) {
            throw new IllegalArgumentException("tp_generate: options is " + options.sql()
                    + ", expected a map of option names to values, map('max_new_tokens', '64')");
        }
        Settings settings = Settings.NONE;
        for (int i = 0; i < map.numElements(); i++) {
            String name = String.valueOf(element(map.keyArray(), i));
            settings = add(settings, name, toJava(element(map.valueArray(), i)));
        }
        return settings;
    }

    private static Settings add(Settings settings, String name, Object value) {
        Setting setting = Setting.ofArgument(name);
        if (settings.has(setting)) {
            throw new IllegalArgumentException("tp_generate: " + name + " is given twice");
        }
        try {
            return settings.with(setting, toJava(value));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tp_generate: " + e.getMessage(), e);
        }
    }

    private static Object constant(String name, Expression value) {
        if (!value.foldable()) {
            throw new IllegalArgumentException("tp_generate: " + name + " is " + value.sql()
                    + ", expected a constant: only the prompt may differ from row to row");
        }
        return value.eval(null);
    }

    /** Text, numbers and flags as they are, arrays as lists, maps as maps, Spark's strings as Java's. */
    private static Object toJava(Object value) {
        if (value instanceof ArrayData array) {
            List<Object> list = new ArrayList<>();
            for (int i = 0; i < array.numElements(); i++) {
                list.add(element(array, i));
            }
            return list;
        }
        if (value instanceof MapData map) {
            Map<Object, Object> entries = new LinkedHashMap<>();
            for (int i = 0; i < map.numElements(); i++) {
                entries.put(element(map.keyArray(), i), toJava(element(map.valueArray(), i)));
            }
            return entries;
        }
        return value == null || value instanceof Map ? value : value instanceof List ? value : value.toString();
    }

    // Elements are objects whatever type is asked for; before type coercion a map's values may differ in type.
    private static Object element(ArrayData array, int index) {
        return array.isNullAt(index) ? null : (Object) array.get(index, DataTypes.StringType);
    }
}
