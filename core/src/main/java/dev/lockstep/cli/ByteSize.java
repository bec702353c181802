package dev.lockstep.cli;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Sizes as people write them: {@code 32GiB}, {@code 32g}, {@code 512MiB}, {@code 1000000}. */
final class ByteSize implements ITypeConverter<Long> {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-z]*)");
    private static final Map<String, Double> UNITS = Map.ofEntries(
            Map.entry("", 1.0),
            Map.entry("b", 1.0),
            Map.entry("k", 0x1p10),
            Map.entry("kib", 0x1p10),
            Map.entry("kb", 1e3),
            Map.entry("m", 0x1p20),
            Map.entry("mib", 0x1p20),
            Map.entry("mb", 1e6),
            Map.entry("g", 0x1p30),
            Map.entry("gib", 0x1p30),
            Map.entry("gb", 1e9),
            Map.entry("t", 0x1p40),
            Map.entry("tib", 0x1p40));

    @Override
    public Long convert(String text) {
        Matcher matcher = FORM.matcher(text.trim().toLowerCase(Locale.ROOT));
        Double unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
        if (unit == null) {
            throw new TypeConversionException(
                    "'" + text + "' is no size, expected e.g. 32GiB, 512MiB, 32g or a number of bytes");
        }
        return (long) (Double.parseDouble(matcher.group(1)) * unit);
    }
}
