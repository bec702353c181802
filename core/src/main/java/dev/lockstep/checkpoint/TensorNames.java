package dev.lockstep.checkpoint;

import java.util.ArrayList;
import java.util.List;

/**
 * The names one tensor may carry in published files of a family. An architecture uses the longest form; files may leave
 * out a prefix (base models saved alone) or put another one, and old files write {@code gamma} and {@code beta}.
 *
 * @param prefixes groups of interchangeable prefixes: a name that starts with one member may be stored under any other
 *     of the same group; the empty string is a legal member
 */
public record TensorNames(List<List<String>> prefixes) {

    public static final TensorNames EXACT = new TensorNames(List.of());

    public static TensorNames prefixes(String... interchangeable) {
        return new TensorNames(List.of(List.of(interchangeable)));
    }

    /** All names to look for, the given one first, without duplicates. */
    public List<String> variants(String name) {
        List<String> found = new ArrayList<>();
        add(found, name);
        for (List<String> group : prefixes) {
            for (String own : group) {
                if (name.startsWith(own)) {
                    for (String other : group) {
                        add(found, other + name.substring(own.length()));
                    }
                }
            }
        }
        return found;
    }

    private static void add(List<String> found, String name) {
        for (String variant : List.of(name, oldNormName(name))) {
            if (!found.contains(variant)) {
                found.add(variant);
            }
        }
    }

    private static String oldNormName(String name) {
        if (name.endsWith("LayerNorm.weight")) {
            return name.substring(0, name.length() - "weight".length()) + "gamma";
        }
        if (name.endsWith("LayerNorm.bias")) {
            return name.substring(0, name.length() - "bias".length()) + "beta";
        }
        return name;
    }
}
