package dev.lockstep.backend;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the last hidden states of a sequence are pooled into one row. */
public enum Pooling {
    /** No pooling. */
    NONE,
    /** The mean over all rows, special tokens included. */
    MEAN,
    /** The first row: {@code [CLS]}, if the model has one. */
    CLS,
    /** The last row. */
    LAST;

    /**
     * The pooling with this name, in lower case.
     *
     * @throws IllegalArgumentException naming the choices
     */
    public static Pooling named(String name) {
        for (Pooling pooling : values()) {
            if (pooling != NONE && pooling.toString().equals(name)) {
                return pooling;
            }
        }
        List<Pooling> choices =
                Arrays.stream(values()).filter(each -> each != NONE).toList();
        throw new IllegalArgumentException("pooling is " + name + ", expected one of " + choices);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
