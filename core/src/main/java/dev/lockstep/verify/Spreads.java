package dev.lockstep.verify;

import java.util.Map;
import java.util.TreeMap;

/** The {@link Spread} of each output over all its cases; the output of an array is its name without the case number. */
final class Spreads {
    private final Map<String, Spread> byOutput = new TreeMap<>();

    static String output(String array) {
        return array.substring(0, array.lastIndexOf('.'));
    }

    /** Of one output; made where it is asked for the first time. */
    Spread of(String output) {
        return byOutput.computeIfAbsent(output, any -> new Spread());
    }

    /** Error of the output whose error is largest, as a share of its deviation. NaN if any is. */
    double largestError() {
        double largest = 0;
        for (Spread spread : byOutput.values()) {
            largest = Math.max(largest, spread.error());
        }
        return largest;
    }
}
