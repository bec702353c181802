package dev.lockstep.spark;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.network.util.JavaUtils;

/** How a setting's value is read, whether it comes as a SQL constant or as text. */
public enum SettingType {
    TEXT("text") {
        @Override
        Object read(Object value) {
            return text(value);
        }
    },
    TEXTS("a string or an array of strings") {
        @Override
        Object read(Object value) {
            if (value instanceof List<?> values) {
                List<String> texts = new ArrayList<>();
                values.forEach(each -> texts.add(text(each)));
                return List.copyOf(texts);
            }
            return List.of(text(value));
        }
    },
    INTEGERS("a whole number, an array of them, or text such as 1, 2") {
        @Override
        Object read(Object value) {
            List<?> values = value instanceof List<?> list
                    ? list
                    : List.of(text(value).trim().split("\\s*,\\s*"));
            return List.copyOf(
                    values.stream().map(each -> whole(each).intValueExact()).toList());
        }
    },
    /** Kept in the order of the tokens. */
    BIASES("a map of token ids to numbers, or text such as 50256: -100, 11: 2.5") {
        @Override
        Object read(Object value) {
            TreeMap<Integer, Double> biases = new TreeMap<>();
            if (value instanceof Map<?, ?> map) {
                map.forEach((token, bias) -> biases.put(whole(token).intValueExact(), (Double) NUMBER.read(bias)));
                return biases;
            }
            String entries = text(value).trim().replaceAll("^\\{|\\}$|\"", "").trim();
            for (String entry : entries.isEmpty() ? new String[0] : entries.split(",")) {
                String[] parts = entry.split(":", 2);
                biases.put(whole(parts[0]).intValueExact(), (Double) NUMBER.read(parts.length == 2 ? parts[1] : ""));
            }
            return biases;
        }
    },
    INTEGER("a whole number") {
        @Override
        Object read(Object value) {
            return whole(value).intValueExact();
        }
    },
    LONG("a whole number") {
        @Override
        Object read(Object value) {
            return whole(value).longValueExact();
        }
    },
    NUMBER("a number") {
        @Override
        Object read(Object value) {
            double number = Double.parseDouble(text(value).trim());
            if (Double.isNaN(number)) {
                throw new NumberFormatException("not a number");
            }
            return number;
        }
    },
    FLAG("true or false") {
        @Override
        Object read(Object value) {
            return switch (text(value).trim().toLowerCase(Locale.ROOT)) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException("neither");
            };
        }
    },
    /** Kept as bytes. */
    BYTES("a size such as 8g or 512m, or a number of bytes") {
        @Override
        Object read(Object value) {
            return JavaUtils.byteStringAsBytes(text(value).trim());
        }
    },
    /** Kept as milliseconds. */
    DURATION("a time such as 30s or 10m") {
        @Override
        Object read(Object value) {
            return JavaUtils.timeStringAsMs(text(value).trim());
        }
    };

    private final String expected;

    SettingType(String expected) {
        this.expected = expected;
    }

    abstract Object read(Object value);

    /**
     * @param name what the user called the setting, for the message
     * @throws IllegalArgumentException naming the setting, the value and what is expected
     */
    public Object parse(String name, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(name + " is null, expected " + expected);
        }
        try {
            return read(value);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException(name + " is '" + value + "', expected " + expected, e);
        }
    }

    /** In a map that also holds 0.5, SQL turns 64 into 64.0, which counts as an integer too. */
    private static BigDecimal whole(Object value) {
        return new BigDecimal(text(value).trim());
    }

    private static String text(Object value) {
        if (value == null || value instanceof List<?> || value instanceof Map<?, ?>) {
            throw new IllegalArgumentException("not a single value");
        }
        return value.toString();
    }
}
