package dev.lockstep.spark;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.unsafe.types.UTF8String;

/**
 * The names that a mistyped one is most likely meant to be. Underscores, dots and capitals do not count. Most mistyped
 * names are right at the beginning and shortened at the end, or are a part of the name. So a character of a common
 * prefix, or of a part, outweighs two wrong characters.
 */
final class NearestNames {
    private static final int SHOWN = 3;

    private NearestNames() {}

    /**
     * @param meanings what each known name, aliases included, is shown as
     * @return as many as are worth showing, the nearest first
     */
    static List<String> of(String wanted, Map<String, String> meanings) {
        String bare = bare(wanted);
        Comparator<String> nearest = Comparator.comparingInt(known -> distance(bare, bare(known)));
        return meanings.keySet().stream()
                .sorted(nearest)
                .map(meanings::get)
                .distinct()
                .limit(SHOWN)
                .toList();
    }

    private static int distance(String wanted, String known) {
        int same = 0;
        while (same < Math.min(wanted.length(), known.length()) && wanted.charAt(same) == known.charAt(same)) {
            same++;
        }
        int edits = UTF8String.fromString(wanted).levenshteinDistance(UTF8String.fromString(known));
        int right = known.contains(wanted) ? wanted.length() : same;
        return wanted.equals(known) ? Integer.MIN_VALUE : edits - 2 * right;
    }

    private static String bare(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }
}
